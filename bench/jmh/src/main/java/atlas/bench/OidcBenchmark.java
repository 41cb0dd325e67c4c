package atlas.bench;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKeys;
import atlas.identity.Authentication;
import atlas.identity.Authenticator;
import atlas.identity.CertificateAuthority;
import atlas.identity.JwtIssuerConfig;
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
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
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
import org.openjdk.jmh.annotations.TearDown;

/** A JWT of a configured issuer: checked at first sight, and checked again with the decision. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class OidcBenchmark {
    private static final String ISSUER = "https://idp.example";
    private static final URI KEYS = URI.create("https://idp.example/keys");

    /** More tokens than are remembered: in turn, each has been forgotten when it comes again. */
    private static final int TOKENS = 12_000;

    @Param({"ES256", "RS256"})
    String algorithm;

    private final Resource model = Resource.model("atlas-demo");
    private final Clock clock = Clock.systemUTC();
    private final Presented[] arriving = new Presented[TOKENS];
    private JwtIssuers issuers;
    private Authenticator authenticator;
    private RolePolicy policy;
    private int next;

    @Setup
    public void open() throws JOSEException {
        JWK key =
                algorithm.equals("RS256")
                        ? new RSAKeyGenerator(2048).keyID("k").generate()
                        : new ECKeyGenerator(Curve.P_256).keyID("k").generate();
        byte[] keys = new JWKSet(key).toString(true).getBytes(StandardCharsets.UTF_8);
        JwtIssuerConfig.Mapping mapping =
                new JwtIssuerConfig.Mapping(
                        Optional.of("roles"),
                        Map.of("ai-user", Role.CONSUMER),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        "sub",
                        Principal.Kind.HUMAN,
                        Principal.DEFAULT_TENANT,
                        List.of());
        JwtIssuerConfig config =
                new JwtIssuerConfig(
                        ISSUER,
                        Optional.of(KEYS),
                        Set.of("atlas"),
                        Set.of(algorithm),
                        Duration.ofSeconds(30),
                        Set.of(),
                        false,
                        mapping);
        issuers = new JwtIssuers(List.of(config), _ -> keys, clock);
        byte[] pepper = new byte[32];
        new SecureRandom().nextBytes(pepper);
        CertificateAuthority authority = CertificateAuthority.create("bench", clock);
        authenticator =
                new Authenticator(
                        new ApiKeys(new MemoryApiKeyStore(), Sensitive.of(pepper), clock),
                        issuers,
                        new WorkloadTrust(List.of(authority.root()), "bench", List.of(), clock),
                        clock);
        Grant grant =
                new Grant(
                        "oidc:" + ISSUER + "#alice",
                        Role.CONSUMER,
                        List.of(new Glob("*")),
                        Principal.DEFAULT_TENANT,
                        Optional.empty());
        policy = new RolePolicy(new MemoryGrantStore(List.of(grant)), clock);
        JWSSigner signer =
                key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner((ECKey) key);
        for (int i = 0; i < TOKENS; i++) {
            arriving[i] = Presented.bearer(Sensitive.of(token(signer, i)));
        }
        if (!(knownToken() instanceof Decision.Permit)) {
            throw new IllegalStateException("the caller is refused, so nothing is measured");
        }
    }

    private String token(JWSSigner signer, int number) throws JOSEException {
        Date now = Date.from(clock.instant());
        SignedJWT jwt =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.parse(algorithm)).keyID("k").build(),
                        new JWTClaimsSet.Builder()
                                .issuer(ISSUER)
                                .subject("alice")
                                .audience("atlas")
                                .issueTime(now)
                                .expirationTime(Date.from(clock.instant().plusSeconds(3600)))
                                .jwtID("token-" + number)
                                .claim("roles", List.of("ai-user"))
                                .build());
        jwt.sign(signer);
        return jwt.serialize();
    }

    @TearDown
    public void close() {
        issuers.close();
    }

    /** A token seen before, and the decision. */
    @Benchmark
    public Decision knownToken() {
        return decided(arriving[0]);
    }

    /** A token never seen: read, its signature verified, and the decision. */
    @Benchmark
    public Decision unknownToken() {
        next = (next + 1) % TOKENS;
        return decided(arriving[next]);
    }

    private Decision decided(Presented presented) {
        return switch (authenticator.authenticate(presented)) {
            case Authentication.Authenticated caller ->
                    policy.decide(caller.principal(), Action.MODEL_INFER, model);
            case Authentication other -> throw new IllegalStateException(other.toString());
        };
    }
}
