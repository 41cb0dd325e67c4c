package atlas.policy.cedar;

import atlas.core.Principal;
import atlas.core.Principal.Claims;
import atlas.core.Role;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Circumstances.ModelFacts;
import atlas.policy.Circumstances.Risk;
import atlas.policy.InferenceFacts;
import atlas.policy.InferenceFacts.Classification;
import atlas.policy.InferenceFacts.Output;
import atlas.policy.InferenceFacts.Sampling;
import atlas.policy.Question;
import atlas.policy.Resource;
import atlas.policy.Surroundings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/** Policy files that hold, and questions to them; the same seed makes the same ones. */
final class Arbitrary {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final List<String> CUSTOM = List.of("night", "help-desk", "batch", "2nd_line");
    private static final List<String> GROUPS = List.of("staff", "eu", "on call");
    private static final List<String> MODELS = List.of("tiny", "big", "big-2", "*");
    private static final List<String> ANY_CALL =
            List.of(
                    "context.source.isInRange(ip(\"10.0.0.0/8\"))",
                    "context.source == ip(\"10.0.0.1\")",
                    "context.segment == \"office\"",
                    "context.risk == \"high\"",
                    "[\"normal\", \"elevated\"].contains(context.risk)",
                    "context.time.toTime() >= duration(\"8h\")",
                    "context.time < datetime(\"2026-03-01T12:00:01Z\")",
                    "context.weekday == \"sun\"",
                    "context.credential.kind == \"api_key\"",
                    "context.credential.age > 100",
                    "context.credential.expires_in < 3600",
                    "context.credential has workload",
                    "principal.kind == \"service\"",
                    "principal.id like \"p*\"",
                    "principal == Atlas::Principal::\"p1\"",
                    "principal in Atlas::Group::\"staff\"",
                    "principal in Atlas::Role::\"night\"",
                    "principal.hasTag(\"team\")",
                    "(principal.hasTag(\"team\") && principal.getTag(\"team\") == \"red\")",
                    "action == Atlas::Action::\"model.infer\"",
                    "(if context.risk == \"high\" then context.segment == \"\" else principal.kind"
                            + " == \"human\")");
    private static final List<String> INFERENCE =
            List.of(
                    "(context.request has max_tokens && context.request.max_tokens > 100)",
                    "(context.request has temperature &&"
                            + " context.request.temperature.greaterThan(decimal(\"1.0\")))",
                    "context.request.tools.contains(\"search\")",
                    "context.request.tool_count > 1",
                    "context.request.stream",
                    "context.request.logprobs",
                    "context.request.response_format == \"json_schema\"",
                    "context.request.prompt_tokens > 50",
                    "context.request.classification == \"restricted\"",
                    "context.request.operation == \"chat\"",
                    "resource == Atlas::Model::\"tiny\"",
                    "resource.name like \"big*\"",
                    "(resource has version && resource.version >= 2)",
                    "(resource has signer && resource.signer == \"us\")");

    private final Random random;

    Arbitrary(long seed) {
        random = new Random(seed);
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** A file of so many policies, all of which hold. */
    String file(int policies) {
        StringBuilder file = new StringBuilder();
        for (int i = 0; i < policies; i++) {
            file.append(possible("@id(\"p" + i + "\")\n")).append("\n");
        }
        return file.toString();
    }

    /** Some combinations contradict themselves, and the file is right to refuse them. */
    private String possible(String id) {
        while (true) {
            String policy = id + policy();
            if (PolicyFile.read(policy) instanceof PolicyFile.Outcome.Accepted) {
                return policy;
            }
        }
    }

    private String policy() {
        boolean permit = random.nextInt(3) == 0;
        boolean inference = random.nextInt(4) > 0;
        String who =
                permit
                        ? "principal in Atlas::Role::\"" + one(CUSTOM) + "\""
                        : one(
                                List.of(
                                        "principal",
                                        "principal",
                                        "principal == Atlas::Principal::\"p"
                                                + random.nextInt(4)
                                                + "\"",
                                        "principal is Atlas::Principal in Atlas::Role::\""
                                                + one(CUSTOM)
                                                + "\"",
                                        "principal in Atlas::Role::\"consumer\"",
                                        "principal in Atlas::Group::\"" + one(GROUPS) + "\""));
        String what =
                inference
                        ? "action == Atlas::Action::\"model.infer\""
                        : permit
                                ? "action in [Atlas::Action::\"status.read\","
                                        + " Atlas::Action::\"model.list\"]"
                                : one(
                                        List.of(
                                                "action",
                                                "action in Atlas::Action::\"reads\"",
                                                "action in [Atlas::Action::\"changes\"]"));
        String which =
                inference
                        ? one(
                                List.of(
                                        "resource",
                                        "resource is Atlas::Model",
                                        "resource == Atlas::Model::\"" + one(MODELS) + "\"",
                                        "resource in Atlas::Model::\"" + one(MODELS) + "\""))
                        : "resource";
        return "%s (%s, %s, %s)%s;"
                .formatted(permit ? "permit" : "forbid", who, what, which, conditions(inference));
    }

    private String conditions(boolean inference) {
        StringBuilder all = new StringBuilder();
        for (int i = random.nextInt(3); i > 0; i--) {
            List<String> choices = new ArrayList<>(ANY_CALL);
            if (inference) {
                choices.addAll(INFERENCE);
                choices.remove("action == Atlas::Action::\"model.infer\"");
            }
            String condition = one(choices);
            if (random.nextBoolean()) {
                condition += (random.nextBoolean() ? " && " : " || ") + one(choices);
            }
            all.append(random.nextBoolean() ? " when { " : " unless { ")
                    .append(condition)
                    .append(" }");
        }
        return all.toString();
    }

    /** A question about one of a few principals and models. */
    Question question() {
        boolean inference = random.nextInt(3) > 0;
        Action action = inference ? Action.MODEL_INFER : one(List.of(Action.values()));
        Set<Role> roles = new HashSet<>();
        Set<Role> reaching = new HashSet<>();
        for (String name : CUSTOM) {
            if (random.nextInt(3) == 0) {
                roles.add(Role.of(name));
                if (random.nextInt(4) > 0) {
                    reaching.add(Role.of(name));
                }
            }
        }
        if (random.nextBoolean()) {
            roles.add(Role.CONSUMER);
        }
        String kind = action.kind();
        return new Question(
                principal(roles),
                roles,
                reaching,
                action,
                new Resource(kind, kind.equals("model") ? one(MODELS) : "*", "default"),
                circumstances(action == Action.MODEL_INFER),
                Surroundings.quiet(),
                NOW.plusSeconds(random.nextInt(3)));
    }

    private Principal principal(Set<Role> roles) {
        Set<String> groups = new HashSet<>();
        GROUPS.stream().filter(_ -> random.nextInt(3) == 0).forEach(groups::add);
        Map<String, String> attributes = new HashMap<>();
        if (random.nextBoolean()) {
            attributes.put("team", one(List.of("red", "blue")));
        }
        return new Principal(
                "p" + random.nextInt(5),
                one(List.of(Principal.Kind.values())),
                "default",
                roles,
                List.of(),
                new Claims(groups, attributes),
                new Principal.Credential(
                        one(List.of(Principal.Credential.Kind.values())),
                        "key",
                        NOW.minusSeconds(random.nextInt(300)),
                        NOW.plusSeconds(random.nextInt(7200)),
                        Optional.empty()));
    }

    private Circumstances circumstances(boolean inference) {
        Circumstances from =
                new Circumstances(
                        Optional.of(one(List.of("10.0.0.1", "::ffff:10.0.0.1", "192.0.2.7"))),
                        random.nextBoolean() ? Optional.of("office") : Optional.empty(),
                        Optional.empty(),
                        random.nextBoolean()
                                ? Optional.of(one(List.of(Risk.values())))
                                : Optional.empty(),
                        Optional::empty,
                        Optional.empty());
        if (!inference) {
            return from;
        }
        Optional<ModelFacts> facts =
                random.nextBoolean()
                        ? Optional.of(
                                new ModelFacts(1 + random.nextInt(3), one(List.of("us", "them"))))
                        : Optional.empty();
        return from.about(() -> facts).asking(asked());
    }

    private InferenceFacts asked() {
        return new InferenceFacts(
                one(List.of("chat", "embeddings")),
                one(List.of(Classification.values())),
                random.nextInt(100),
                new Sampling(
                        random.nextBoolean()
                                ? OptionalLong.of(random.nextInt(200))
                                : OptionalLong.empty(),
                        random.nextBoolean()
                                ? OptionalDouble.of(random.nextInt(20) / 10.0)
                                : OptionalDouble.empty()),
                new Output(
                        random.nextBoolean(),
                        random.nextBoolean(),
                        one(List.of("text", "json_schema"))),
                random.nextBoolean() ? List.of("search", "mail") : List.of());
    }
}
