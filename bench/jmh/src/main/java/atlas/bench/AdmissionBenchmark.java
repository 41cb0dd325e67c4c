package atlas.bench;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKeys;
import atlas.identity.Authentication;
import atlas.identity.Authenticator;
import atlas.identity.CertificateAuthority;
import atlas.identity.JwtIssuers;
import atlas.identity.MemoryApiKeyStore;
import atlas.identity.Presented;
import atlas.identity.WorkloadTrust;
import atlas.policy.AccessPolicy;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.Grant;
import atlas.policy.InferenceFacts;
import atlas.policy.InferenceFacts.Classification;
import atlas.policy.MemoryGrantStore;
import atlas.policy.Policies;
import atlas.policy.Resource;
import atlas.policy.RolePolicy;
import atlas.policy.Rulebook;
import atlas.policy.Surroundings;
import atlas.policy.cedar.PolicyFile;
import atlas.policy.cedar.PolicyFile.Outcome;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Who calls, by API key, and whether the caller may use the model. */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class AdmissionBenchmark {
    private static final String WHO = "ada";

    private final Resource model = Resource.model("atlas-demo");
    private JwtIssuers issuers;
    private Authenticator authenticator;
    private RolePolicy policy;
    private AccessPolicy fileToo;
    private Presented presented;

    @Setup
    public void open() {
        Clock clock = Clock.systemUTC();
        byte[] pepper = new byte[32];
        new SecureRandom().nextBytes(pepper);
        ApiKeys keys = new ApiKeys(new MemoryApiKeyStore(), Sensitive.of(pepper), clock);
        List<Glob> models = List.of(new Glob("*"));
        String tenant = Principal.DEFAULT_TENANT;
        ApiKeys.Issued issued =
                keys.issue(
                        new ApiKeys.KeyRequest(
                                WHO,
                                Principal.Kind.HUMAN,
                                tenant,
                                Set.of(Role.CONSUMER),
                                models,
                                Duration.ofDays(1),
                                ""));
        presented = Presented.bearer(issued.secret());
        issuers =
                new JwtIssuers(
                        List.of(),
                        place -> {
                            throw new IOException("no issuer is configured");
                        },
                        clock);
        CertificateAuthority authority = CertificateAuthority.create("bench", clock);
        WorkloadTrust workloads =
                new WorkloadTrust(List.of(authority.root()), "bench", List.of(), clock);
        authenticator = new Authenticator(keys, issuers, workloads, clock);
        Grant grant = new Grant(WHO, Role.CONSUMER, models, tenant, Optional.empty());
        policy = new RolePolicy(new MemoryGrantStore(List.of(grant)), clock);
        fileToo =
                new AccessPolicy(
                        new MemoryGrantStore(List.of(grant)), file(), Surroundings.quiet(), clock);
        if (!(admit() instanceof Decision.Permit) || !(admitByFile() instanceof Decision.Permit)) {
            throw new IllegalStateException("the caller is refused, so nothing is measured");
        }
    }

    @TearDown
    public void close() {
        issuers.close();
    }

    private static Policies file() {
        Policies policies = new Policies();
        switch (PolicyFile.read(
                """
                @id("risky") forbid (principal, action, resource)
                when { context.risk == "high" };
                @id("office") forbid (principal, action == Atlas::Action::"model.infer", resource)
                unless { context.source.isInRange(ip("10.0.0.0/8")) };
                @id("short") forbid (principal, action == Atlas::Action::"model.infer", resource)
                when { context.request has max_tokens && context.request.max_tokens > 4096 };
                """)) {
            case Outcome.Accepted(Rulebook rulebook) -> policies.put(rulebook);
            case Outcome.Refused refused ->
                    throw new IllegalStateException(refused.problems().toString());
        }
        return policies;
    }

    private Principal caller() {
        return switch (authenticator.authenticate(presented)) {
            case Authentication.Authenticated caller -> caller.principal();
            case Authentication other -> throw new IllegalStateException(other.toString());
        };
    }

    /** The built-in roles alone. */
    @Benchmark
    public Decision admit() {
        return policy.decide(caller(), Action.MODEL_INFER, model);
    }

    /** A policy file too; the same circumstances as before. */
    @Benchmark
    public Decision admitByFile() {
        return fileToo.decide(
                caller(),
                Action.MODEL_INFER,
                model,
                Circumstances.from("10.0.0.1")
                        .asking(InferenceFacts.plainly("chat", Classification.INTERNAL)));
    }
}
