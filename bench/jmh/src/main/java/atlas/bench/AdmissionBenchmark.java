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
import atlas.policy.Action;
import atlas.policy.Decision;
import atlas.policy.Grant;
import atlas.policy.MemoryGrantStore;
import atlas.policy.Resource;
import atlas.policy.RolePolicy;
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
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class AdmissionBenchmark {
    private static final String WHO = "ada";

    private final Resource model = Resource.model("atlas-demo");
    private JwtIssuers issuers;
    private Authenticator authenticator;
    private RolePolicy policy;
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
        if (!(admit() instanceof Decision.Permit)) {
            throw new IllegalStateException("the caller is refused, so nothing is measured");
        }
    }

    @TearDown
    public void close() {
        issuers.close();
    }

    @Benchmark
    public Decision admit() {
        return switch (authenticator.authenticate(presented)) {
            case Authentication.Authenticated caller ->
                    policy.decide(caller.principal(), Action.MODEL_INFER, model);
            case Authentication other -> throw new IllegalStateException(other.toString());
        };
    }
}
