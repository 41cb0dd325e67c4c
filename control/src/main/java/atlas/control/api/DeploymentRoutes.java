package atlas.control.api;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.ModelChanged;
import atlas.core.AuditLog;
import atlas.core.ModelRef;
import atlas.policy.Action;
import atlas.registry.ModelRegistry;
import atlas.registry.ModelVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which version of a model serves. The node is asked first and verifies for itself; only a version
 * it holds is let in front of callers.
 */
final class DeploymentRoutes {
    private final ModelRegistry registry;
    private final NodeDoor node;
    private final AuditLog journal;

    DeploymentRoutes(ModelRegistry registry, NodeDoor node, AuditLog journal) {
        this.registry = registry;
        this.node = node;
        this.journal = journal;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        "/api/v1/deployments",
                        Action.MODEL_LIST,
                        "model",
                        "the version of each model that serves",
                        this::deployed),
                Route.act(
                        "PUT",
                        "/api/v1/deployments/{name}/{version}",
                        Action.MODEL_DEPLOY,
                        "model",
                        "let a version serve, in place of the one that does",
                        this::deploy),
                Route.act(
                        "POST",
                        "/api/v1/deployments/{name}/rollback",
                        Action.MODEL_ROLLBACK,
                        "model",
                        "let the version before serve again",
                        this::rollback));
    }

    private Reply deployed(Call call) {
        return Reply.ok(
                Views.list(
                        "deployments",
                        registry.list().stream()
                                .filter(v -> v.state() == ModelVersion.State.DEPLOYED)
                                .map(Views::version)
                                .toList()));
    }

    private Act deploy(Call call) throws Refusal {
        ModelRef ref = call.model();
        ModelVersion next =
                registry.find(ref)
                        .orElseThrow(() -> Problems.notFound("there is no model `" + ref + "`"));
        Optional<ModelVersion> before = registry.deployed(ref.name());
        return new Act(
                "model:" + ref,
                before.map(DeploymentRoutes::serving).orElse(Map.of()),
                serving(next),
                () -> {
                    load(call, next);
                    ModelVersion now = registry.deploy(ref, call.actor());
                    before.filter(old -> !old.ref().equals(ref))
                            .ifPresent(old -> node.unload(old.ref()));
                    return Act.Done.with(Reply.ok(Views.version(now)));
                });
    }

    private Act rollback(Call call) throws Refusal {
        String name = call.variable("name");
        ModelVersion before =
                registry.deployed(name)
                        .orElseThrow(
                                () -> Problems.notFound("no version of `" + name + "` serves"));
        return new Act(
                "model:" + name,
                serving(before),
                Map.of("serving", "the version before"),
                () -> {
                    ModelVersion now = registry.rollback(name, call.actor());
                    try {
                        load(call, now);
                    } catch (Refusal refused) {
                        // Only the registry knows which version was before, so it is asked first;
                        // a version the node does not hold must not stay in front of callers.
                        registry.deploy(before.ref(), Actor.system("control"));
                        throw refused;
                    }
                    node.unload(before.ref());
                    return new Act.Done(Reply.ok(Views.version(now)), serving(now));
                });
    }

    private static Map<String, String> serving(ModelVersion version) {
        return Map.of(
                "serving", version.ref().toString(), "root_digest", version.rootDigest().hex());
    }

    private void load(Call call, ModelVersion version) throws Refusal {
        switch (node.load(version.ref())) {
            case NodeDoor.Answer.Done _ -> {}
            case NodeDoor.Answer.Refused refused -> {
                report(call, version, "refused", refused.reason());
                throw Problems.modelRefused("the node refused it: " + refused.reason());
            }
            case NodeDoor.Answer.Unreachable away -> {
                report(call, version, "not loaded", away.why());
                throw Problems.upstream("the node could not be asked: " + away.why());
            }
        }
    }

    private void report(Call call, ModelVersion version, String change, String detail) {
        journal.append(
                new ModelChanged(
                        call.actor(),
                        change,
                        version.ref().toString(),
                        version.rootDigest().hex(),
                        version.signer(),
                        detail));
    }
}
