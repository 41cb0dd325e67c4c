package atlas.bench;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.policy.AccessPolicy;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.Grant;
import atlas.policy.InferenceFacts;
import atlas.policy.InferenceFacts.Classification;
import atlas.policy.InferenceFacts.Output;
import atlas.policy.InferenceFacts.Sampling;
import atlas.policy.MemoryGrantStore;
import atlas.policy.Policies;
import atlas.policy.Resource;
import atlas.policy.Rulebook;
import atlas.policy.Surroundings;
import atlas.policy.cedar.PolicyFile;
import atlas.policy.cedar.PolicyFile.Outcome;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A decision under a policy file, of a small installation and of a large one. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PolicyBenchmark {
    /** Policies and principals. */
    @Param({"10x10", "1000x10000"})
    public String size = "";

    private AccessPolicy policy;
    private final List<Principal> principals = new ArrayList<>();
    private final List<Resource> models = new ArrayList<>();
    private int turn;

    @Setup
    public void open() {
        int policies = Integer.parseInt(size.substring(0, size.indexOf('x')));
        int people = Integer.parseInt(size.substring(size.indexOf('x') + 1));
        Policies inForce = new Policies();
        switch (PolicyFile.read(file(policies))) {
            case Outcome.Accepted(Rulebook rulebook) -> inForce.put(rulebook);
            case Outcome.Refused refused ->
                    throw new IllegalStateException(refused.problems().toString());
        }
        List<Glob> every = List.of(new Glob("*"));
        List<Grant> grants = new ArrayList<>();
        for (int i = 0; i < people; i++) {
            Role role = Role.of("role-" + i % Math.max(1, policies / 10));
            grants.add(new Grant("p" + i, role, every, Principal.DEFAULT_TENANT, Optional.empty()));
            principals.add(
                    new Principal(
                            "p" + i,
                            Principal.Kind.SERVICE,
                            Principal.DEFAULT_TENANT,
                            Set.of(role),
                            every,
                            new Principal.Credential(
                                    Principal.Credential.Kind.API_KEY,
                                    "key",
                                    Instant.EPOCH,
                                    Instant.MAX,
                                    Optional.empty())));
        }
        for (int i = 0; i < 8; i++) {
            models.add(Resource.model("model-" + i));
        }
        policy =
                new AccessPolicy(
                        new MemoryGrantStore(grants),
                        inForce,
                        Surroundings.quiet(),
                        Clock.systemUTC());
        for (int i = 0; i < people; i++) {
            if (!(remembered() instanceof Decision.Permit)) {
                throw new IllegalStateException("refused, so nothing is measured");
            }
        }
    }

    /** Two policies for everybody, then in turn: for one role, one person, one model, one group. */
    private static String file(int policies) {
        StringBuilder file = new StringBuilder();
        String infer = "action == Atlas::Action::\"model.infer\"";
        file.append(
                """
                @id("risky") forbid (principal, action, resource)
                when { context.risk == "high" && !context.source.isLoopback() };
                @id("huge") forbid (principal, %s, resource)
                when { context.request.prompt_tokens > 1000000000 };
                """
                        .formatted(infer));
        int roles = Math.max(1, policies / 10);
        for (int i = 2; i < policies; i++) {
            String id = "@id(\"n" + i + "\") ";
            file.append(
                    switch (i < roles + 2 ? 0 : 1 + i % 3) {
                        case 0 ->
                                id
                                        + "permit (principal in Atlas::Role::\"role-%d\", %s, resource)"
                                                .formatted(i - 2, infer)
                                        + " when { context.credential.kind == \"api_key\" };\n";
                        case 1 ->
                                id
                                        + "forbid (principal == Atlas::Principal::\"p%d\", %s, resource)"
                                                .formatted(i, infer)
                                        + " when { context.request.tool_count > 3 };\n";
                        case 2 ->
                                id
                                        + "forbid (principal, %s, resource == Atlas::Model::\"model-%d\")"
                                                .formatted(infer, i)
                                        + " when { context.request.stream };\n";
                        default ->
                                id
                                        + "forbid (principal in Atlas::Group::\"group-%d\", action, resource);\n"
                                                .formatted(i);
                    });
        }
        return file.toString();
    }

    private Decision ask(long promptTokens) {
        int now = turn++ & Integer.MAX_VALUE;
        Principal who = principals.get(now % principals.size());
        InferenceFacts asked =
                new InferenceFacts(
                        "chat",
                        Classification.INTERNAL,
                        promptTokens,
                        Sampling.USUAL,
                        Output.PLAIN,
                        List.of());
        return policy.decide(
                who,
                Action.MODEL_INFER,
                models.get(now % models.size()),
                Circumstances.from("10.0.0.1").asking(asked));
    }

    /** What was asked before, in the same circumstances. */
    @Benchmark
    public Decision remembered() {
        return ask(100);
    }

    /** A prompt of another length each time, which a policy looks at: the engine is asked. */
    @Benchmark
    public Decision evaluated() {
        return ask(turn);
    }
}
