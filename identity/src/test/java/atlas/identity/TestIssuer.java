package atlas.identity;

import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
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
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** An issuer whose keys and place on the network the test holds. */
final class TestIssuer implements JwksSource {
    static final String NAME = "https://idp.example/realms/atlas";
    static final URI KEYS = URI.create("https://idp.example/realms/atlas/keys");
    static final ECKey EC = ec("ec-1");
    static final RSAKey RSA = rsa("rsa-1");

    final List<URI> fetched = new ArrayList<>();
    private final Clock clock;
    private List<? extends JWK> published = List.of(EC, RSA);
    private final ReentrantLock gate = new ReentrantLock();
    private boolean away;

    TestIssuer(Clock clock) {
        this.clock = clock;
    }

    static ECKey ec(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).keyUse(KeyUse.SIGNATURE).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static RSAKey rsa(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).keyUse(KeyUse.SIGNATURE).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static JwtIssuerConfig config() {
        return config(Optional.of(KEYS), Set.of("RS256", "PS256", "ES256"), Set.of());
    }

    static JwtIssuerConfig config(
            Optional<URI> keys, Set<String> algorithms, Set<String> authorizedParties) {
        return new JwtIssuerConfig(
                NAME,
                keys,
                Set.of("atlas"),
                algorithms,
                Duration.ofSeconds(30),
                authorizedParties,
                false,
                mapping());
    }

    static JwtIssuerConfig.Mapping mapping() {
        return new JwtIssuerConfig.Mapping(
                Optional.of("realm_access.roles"),
                Map.of("ai-user", Role.CONSUMER, "ai-audit", Role.AUDITOR),
                Optional.of("models"),
                Optional.empty(),
                Map.of(),
                "sub",
                Principal.Kind.HUMAN,
                "default",
                List.of());
    }

    void publish(JWK... keys) {
        published = List.of(keys);
    }

    void goAway() {
        away = true;
    }

    void comeBack() {
        away = false;
    }

    /** Lets nobody fetch until {@link #release}. */
    void hold() {
        gate.lock();
    }

    void release() {
        gate.unlock();
    }

    @Override
    public byte[] fetch(URI place) throws IOException {
        gate.lock();
        gate.unlock();
        fetched.add(place);
        if (away) {
            throw new IOException("away");
        }
        if (place.equals(KEYS)) {
            return new JWKSet(List.copyOf(published))
                    .toString(true)
                    .getBytes(StandardCharsets.UTF_8);
        }
        if (place.toString().equals(NAME + "/.well-known/openid-configuration")) {
            return """
            {"issuer":"%s","x":[{"jwks_uri":"https://no"}],"jwks_uri":"%s"}
            """
                    .formatted(NAME, KEYS)
                    .getBytes(StandardCharsets.UTF_8);
        }
        throw new IOException("no such place: " + place);
    }

    /** Claims that would be accepted now. */
    JWTClaimsSet.Builder claims() {
        Date now = Date.from(clock.instant());
        return new JWTClaimsSet.Builder()
                .issuer(NAME)
                .subject("alice")
                .audience("atlas")
                .issueTime(now)
                .notBeforeTime(now)
                .expirationTime(Date.from(clock.instant().plusSeconds(300)))
                .jwtID("token-1")
                .claim("realm_access", Map.of("roles", List.of("ai-user", "offline_access")))
                .claim("models", List.of("tiny*"));
    }

    static JWSHeader.Builder header(JWSAlgorithm algorithm, JWK key) {
        return new JWSHeader.Builder(algorithm).keyID(key.getKeyID());
    }

    static Sensitive<String> sign(JWSHeader header, JWTClaimsSet claims, JWK key) {
        try {
            JWSSigner signer =
                    key instanceof RSAKey rsa
                            ? new RSASSASigner(rsa)
                            : new ECDSASigner((ECKey) key);
            SignedJWT jwt = new SignedJWT(header, claims);
            jwt.sign(signer);
            return Sensitive.of(jwt.serialize());
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    /** Signed with the EC key. */
    static Sensitive<String> signed(JWTClaimsSet claims) {
        return sign(header(JWSAlgorithm.ES256, EC).build(), claims, EC);
    }
}
