package atlas.control.api;

import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.optional;
import static atlas.control.api.Field.required;

import atlas.control.policies.PolicyBook;
import atlas.core.Role;
import atlas.identity.ApiKeys;
import atlas.policy.AccessPolicy;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.Policies;
import atlas.policy.PolicyProblem;
import atlas.policy.Resource;
import atlas.policy.Rulebook;
import atlas.policy.cedar.PolicyFile;
import atlas.policy.cedar.PolicyFile.Outcome;
import atlas.policy.cedar.PolicySchema;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The policy file: what is in force, another in its place, and what it would say. */
final class PolicyRoutes {
    private final ControlRoutes.Rules rules;
    private final Explaining explaining;
    private final Clock clock;

    PolicyRoutes(ApiKeys keys, ControlRoutes.Rules rules, Clock clock) {
        this.rules = rules;
        this.explaining = new Explaining(keys, rules, clock);
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        "/api/v1/policies",
                        Action.POLICY_READ,
                        "policy",
                        "the policy file in force, and what was refused",
                        _ -> Reply.ok(view())),
                new Route(
                        "PUT",
                        "/api/v1/policies",
                        Action.POLICY_WRITE,
                        "policy",
                        "put another policy file into force, whole or not at all",
                        List.of(),
                        List.of(),
                        true,
                        (Route.Operation.Acting) this::put),
                Route.read(
                        "/api/v1/policies/schema",
                        Action.POLICY_READ,
                        "policy",
                        "what policies are checked against, in Cedar's notation",
                        _ ->
                                new Reply(
                                        200,
                                        "text/plain; charset=utf-8",
                                        PolicySchema.text().getBytes(StandardCharsets.UTF_8))),
                Route.read(
                        "/api/v1/policies/roles",
                        Action.POLICY_READ,
                        "policy",
                        "what each role may do",
                        _ -> Reply.ok(Map.of("roles", matrix()))),
                Route.read(
                                "/api/v1/policies/explain",
                                Action.POLICY_EXPLAIN,
                                "policy",
                                "whether a principal may do something, and why",
                                call -> Reply.ok(explaining.explain(call)))
                        .query(
                                required("principal", STRING, "who"),
                                required("action", STRING, "such as `model.infer`"),
                                optional("resource", STRING, "such as `model:demo`"),
                                optional(
                                        "context",
                                        STRING,
                                        "what is known, as a JSON object such as"
                                                + " `{\"source\":\"10.0.0.1\","
                                                + "\"request.max_tokens\":500}`")));
    }

    private Map<String, Object> view() {
        PolicyBook file = rules.file();
        Rulebook rulebook = file.policies().current();
        PolicyBook.Status status = file.status();
        Map<String, Object> view = new LinkedHashMap<>(standing(file));
        view.put("policies", rulebook.entries().stream().map(PolicyRoutes::entry).toList());
        view.put("roles", custom(rulebook));
        view.put("text", rulebook.text());
        status.refused().ifPresent(refused -> view.put("refused", refused(refused)));
        return view;
    }

    /** The short form, for the status of everything. */
    static Map<String, Object> standing(PolicyBook file) {
        PolicyBook.Status status = file.status();
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("version", file.policies().current().version());
        view.put("source", status.source());
        view.put("since", status.since().toString());
        if (!status.by().isEmpty()) {
            view.put("by", status.by());
        }
        return view;
    }

    private static Map<String, Object> entry(Rulebook.Entry entry) {
        return Map.of(
                "id", entry.id(),
                "line", entry.line(),
                "effect", entry.effect(),
                "annotations", new TreeMap<>(entry.annotations()));
    }

    private static Map<String, Object> custom(Rulebook rulebook) {
        Map<String, Object> roles = new TreeMap<>();
        rulebook.customRoles()
                .forEach((role, actions) ->
                        roles.put(
                                role.wireName(), actions.stream().map(Action::wireName).toList()));
        return roles;
    }

    private static Map<String, Object> refused(PolicyBook.Refused refused) {
        return Map.of(
                "at", refused.at().toString(),
                "by", refused.by(),
                "problems", refused.problems().stream().map(PolicyRoutes::problem).toList());
    }

    private static Map<String, Object> problem(PolicyProblem problem) {
        return Map.of(
                "line", problem.line(),
                "column", problem.column(),
                "policy", problem.policy(),
                "message", problem.message(),
                "hint", problem.hint());
    }

    private Map<String, Object> matrix() {
        Map<String, Object> matrix = new LinkedHashMap<>();
        for (Role role : Role.builtIn()) {
            matrix.put(role.wireName(), RoleMatrix.of(role));
        }
        matrix.putAll(custom(rules.file().policies().current()));
        return matrix;
    }

    private Act put(Call call) throws Refusal {
        PolicyBook file = rules.file();
        if (file.file().isPresent()) {
            throw Problems.conflict(
                    "the policies are kept in `" + file.file().get() + "`; change that file");
        }
        Rulebook next = read(call, text(call.exchange().body()));
        keepsItsAuthor(call, next);
        return new Act(
                "policy:api",
                Map.of("version", file.policies().current().version()),
                Map.of("version", next.version(), "policies", next.entries().size()),
                () -> {
                    file.put(next, call.actor());
                    return Act.Done.with(Reply.ok(view()));
                });
    }

    private Rulebook read(Call call, String text) throws Refusal {
        return switch (PolicyFile.read(text)) {
            case Outcome.Accepted(Rulebook rulebook) -> rulebook;
            case Outcome.Refused(List<PolicyProblem> problems) -> {
                rules.file().refuse(call.actor(), "api", problems);
                throw Problems.invalid(PolicyBook.lines(problems));
            }
        };
    }

    private static String text(byte[] body) throws Refusal {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Problems.invalid("the body is not UTF-8");
        }
    }

    /** Who puts a file must still be allowed to put the next one, or nobody could mend it. */
    private void keepsItsAuthor(Call call, Rulebook next) throws Refusal {
        Policies alone = new Policies();
        alone.put(next);
        AccessPolicy then =
                new AccessPolicy(rules.grants(), alone, rules.file().surroundings(), clock);
        Decision decision =
                then.decide(
                        call.caller(),
                        Action.POLICY_WRITE,
                        Resource.any("policy"),
                        Circumstances.from(call.exchange().source()));
        switch (decision) {
            case Decision.Permit _ -> {}
            case Decision.Deny no ->
                    throw Problems.conflict(
                            "this file would keep you from changing it again: " + no.reason());
        }
    }
}
