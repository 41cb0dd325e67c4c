package atlas.control.api;

import atlas.control.policies.PolicyBook;
import atlas.control.trust.BootstrapCredentials;
import atlas.journal.Journal;
import atlas.policy.Action;
import atlas.registry.ModelRegistry;
import atlas.registry.ModelVersion;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How the installation is doing, and the bootstrap credentials' end. */
final class StatusRoutes {
    private final Journal journal;
    private final ModelRegistry registry;
    private final NodeDoor node;
    private final BootstrapCredentials bootstrap;
    private final PolicyBook policies;
    private final Clock clock;
    private final Instant started;

    /** What an administrator may have left half done. */
    record Standing(BootstrapCredentials bootstrap, PolicyBook policies) {}

    StatusRoutes(
            Journal journal,
            ModelRegistry registry,
            NodeDoor node,
            Standing standing,
            Clock clock) {
        this.journal = journal;
        this.registry = registry;
        this.node = node;
        this.bootstrap = standing.bootstrap();
        this.policies = standing.policies();
        this.clock = clock;
        this.started = clock.instant();
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        "/api/v1/status",
                        Action.STATUS_READ,
                        "status",
                        "processes, journal, models, warnings",
                        this::status),
                Route.act(
                        "DELETE",
                        "/api/v1/bootstrap",
                        Action.BOOTSTRAP_REMOVE,
                        "bootstrap",
                        "revoke the bootstrap credentials and delete their file",
                        this::remove));
    }

    private Reply status(Call call) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("started", started.toString());
        view.put("uptime_seconds", Duration.between(started, clock.instant()).toSeconds());
        view.put("processes", Map.of("control", Map.of("state", "ready"), "node", node()));
        view.put("journal", JournalRoutes.health(journal.health()));
        Map<String, Long> models = new LinkedHashMap<>();
        for (ModelVersion.State state : ModelVersion.State.values()) {
            long count = registry.list().stream().filter(v -> v.state() == state).count();
            models.put(state.name().toLowerCase(java.util.Locale.ROOT), count);
        }
        view.put("models", models);
        view.put("policies", PolicyRoutes.standing(policies));
        view.put("bootstrap", bootstrapView());
        view.put("warnings", warnings());
        return Reply.ok(view);
    }

    private Map<String, Object> node() {
        Map<String, Object> view = new LinkedHashMap<>();
        switch (node.status()) {
            case NodeDoor.Answer.Done done -> {
                view.put("state", "ready");
                view.put("detail", new Views.RawJson(done.json()));
            }
            case NodeDoor.Answer.Refused refused -> {
                view.put("state", "refusing");
                view.put("detail", refused.reason());
            }
            case NodeDoor.Answer.Unreachable away -> {
                view.put("state", "unreachable");
                view.put("detail", away.why());
            }
        }
        return view;
    }

    private Map<String, Object> bootstrapView() {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("present", bootstrap.present());
        Views.put(view, "expires", bootstrap.expires());
        return view;
    }

    private List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (bootstrap.present()) {
            warnings.add(
                    "the bootstrap credentials are still there; issue your own keys, then remove"
                            + " them with `atlas bootstrap remove`");
        }
        policies.status()
                .refused()
                .ifPresent(refused ->
                        warnings.add(
                                "a policy file was refused at "
                                        + refused.at()
                                        + " and the one before it is in force; see"
                                        + " GET /api/v1/policies"));
        if (!journal.health().accepting()) {
            warnings.add("the journal takes no entries: " + journal.health().detail());
        }
        return warnings;
    }

    private Act remove(Call call) throws Refusal {
        if (!bootstrap.present()) {
            throw Problems.notFound("the bootstrap credentials are gone already");
        }
        return new Act(
                "bootstrap",
                Map.of("present", true),
                Map.of("present", false),
                () -> {
                    bootstrap.removeRecorded();
                    return Act.Done.with(Reply.ok(Map.of("removed", true)));
                });
    }
}
