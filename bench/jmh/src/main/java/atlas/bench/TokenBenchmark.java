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
import atlas.identity.revocation.Revocations;
import atlas.identity.token.AtlasTokens;
import atlas.identity.token.ProofMaker;
import atlas.policy.Action;
import atlas.policy.Decision;
import atlas.policy.Grant;
import atlas.policy.MemoryGrantStore;
import atlas.policy.Resource;
import atlas.policy.RolePolicy;
import java.io.IOException;
import java.net.URI;
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

/** A short-lived token: issued, checked at first sight, checked again, proved. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TokenBenchmark {
    private static final String ISSUER = "https://atlas.bench";
    private static final Presented.Request REQUEST =
            new Presented.Request(
                    Presented.Request.GATEWAY, "POST", "localhost:8443", "/v1/x", "127.0.0.1");
    private static final URI TARGET = URI.create("https://localhost:8443/v1/x");

    private final Resource model = Resource.model("atlas-demo");
    private final Clock clock = Clock.systemUTC();
    private final ProofMaker holder = new ProofMaker(clock);
    private JwtIssuers issuers;
    private AtlasTokens tokens;
    private Authenticator authenticator;
    private AtlasTokens.Keys keys;
    private RolePolicy policy;
    private Principal session;
    private Presented known;
    private Sensitive<String> token;

    @Setup
    public void open() {
        byte[] pepper = new byte[32];
        new SecureRandom().nextBytes(pepper);
        Revocations revocations = Revocations.unkept(clock);
        tokens = new AtlasTokens(AtlasTokens.Rules.of(ISSUER), new Unkept(), revocations, clock);
        keys =
                AtlasTokens.Keys.of(
                        new String(tokens.jwks(), java.nio.charset.StandardCharsets.UTF_8));
        issuers =
                new JwtIssuers(
                        List.of(),
                        place -> {
                            throw new IOException("no issuer is configured");
                        },
                        clock);
        CertificateAuthority authority = CertificateAuthority.create("bench", clock);
        authenticator =
                new Authenticator(
                        new ApiKeys(new MemoryApiKeyStore(), Sensitive.of(pepper), clock),
                        issuers,
                        new WorkloadTrust(List.of(authority.root()), "bench", List.of(), clock),
                        tokens,
                        revocations,
                        clock);
        List<Glob> models = List.of(new Glob("*"));
        session =
                new Principal(
                        "ada",
                        Principal.Kind.HUMAN,
                        Principal.DEFAULT_TENANT,
                        Set.of(Role.CONSUMER),
                        models,
                        new Principal.Credential(
                                Principal.Credential.Kind.SESSION,
                                "session-1",
                                clock.instant(),
                                clock.instant().plus(Duration.ofHours(1)),
                                Optional.empty()));
        Grant grant =
                new Grant("ada", Role.CONSUMER, models, Principal.DEFAULT_TENANT, Optional.empty());
        policy = new RolePolicy(new MemoryGrantStore(List.of(grant)), clock);
        token = tokens.issue(session, Presented.Request.GATEWAY, List.of(), 0).token();
        known = bearer(token);
        if (!(knownToken() instanceof Decision.Permit)) {
            throw new IllegalStateException("the caller is refused, so nothing is measured");
        }
    }

    @TearDown
    public void close() {
        issuers.close();
    }

    private static Presented bearer(Sensitive<String> token) {
        return new Presented(
                List.of(Sensitive.of("Bearer " + token.reveal())),
                List.of(),
                List.of(),
                List.of(),
                REQUEST);
    }

    /** A token seen before: its hash, its revocation, and the decision. */
    @Benchmark
    public Decision knownToken() {
        return switch (authenticator.authenticate(known)) {
            case Authentication.Authenticated caller ->
                    policy.decide(caller.principal(), Action.MODEL_INFER, model);
            case Authentication other -> throw new IllegalStateException(other.toString());
        };
    }

    /** A token never seen: read, its signature verified, and remembered. */
    @Benchmark
    public Authentication unknownToken() {
        Revocations none = Revocations.unkept(clock);
        Authenticator.OwnTokens fresh = AtlasTokens.verifying(ISSUER, keys, none, clock);
        Authentication outcome =
                fresh.authenticate(token, false, known, Authenticator.OwnTokens.Look.ARRIVING)
                        .orElseThrow();
        if (!(outcome instanceof Authentication.Authenticated)) {
            throw new IllegalStateException(outcome.toString());
        }
        return outcome;
    }

    /** A new token. */
    @Benchmark
    public AtlasTokens.Issued issue() {
        return tokens.issue(session, Presented.Request.GATEWAY, List.of(), 0);
    }

    /** The holder's side of DPoP. */
    @Benchmark
    public String proof() {
        return holder.proof("POST", TARGET, Optional.of(token), Optional.of("nonce"));
    }

    /** Keeps nothing. */
    private static final class Unkept implements AtlasTokens.Keeping {
        @Override
        public Optional<byte[]> read() {
            return Optional.empty();
        }

        @Override
        public void write(byte[] keys, String change, String keyId) {}
    }
}
