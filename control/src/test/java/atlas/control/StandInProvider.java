package atlas.control;

import atlas.core.Principal;
import atlas.core.Role;
import atlas.identity.JwksSource;
import atlas.identity.JwtIssuerConfig;
import atlas.identity.JwtIssuers;
import atlas.identity.OidcAttack;
import atlas.identity.oidc.RelyingParty;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An OpenID provider inside the test: it gives whatever ID token the test wants. */
final class StandInProvider implements JwksSource.Channel {
    static final String ISSUER = "https://idp.example/realm";
    static final String CLIENT = "atlas-console";

    final OidcAttack.Keys keys = OidcAttack.Keys.fresh();
    String idToken = "";
    boolean away;
    int redeemed;

    ControlParts.Login login() {
        Clock clock = Clock.systemUTC();
        JwtIssuerConfig issuer =
                new JwtIssuerConfig(
                        ISSUER,
                        Optional.empty(),
                        Set.of("atlas"),
                        Set.of("ES256", "RS256"),
                        Duration.ofSeconds(30),
                        Set.of(),
                        false,
                        new JwtIssuerConfig.Mapping(
                                Optional.of("roles"),
                                Map.of("ai-audit", Role.AUDITOR),
                                Optional.empty(),
                                Optional.empty(),
                                Map.of(),
                                "sub",
                                Principal.Kind.HUMAN,
                                Principal.DEFAULT_TENANT,
                                List.of()));
        RelyingParty party =
                new RelyingParty(
                        new RelyingParty.Client(
                                "corp",
                                "Corporate account",
                                ISSUER,
                                CLIENT,
                                Optional.empty(),
                                List.of("profile"),
                                false),
                        new JwtIssuers(List.of(issuer), this, clock),
                        this,
                        clock);
        return new ControlParts.Login(LoginConfig.defaults(), List.of(party), Optional.empty());
    }

    String signed(String type, JWTClaimsSet claims) throws JOSEException {
        SignedJWT jwt =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.ES256)
                                .keyID("ec-1")
                                .type(new JOSEObjectType(type))
                                .build(),
                        claims);
        jwt.sign(new ECDSASigner(keys.ec()));
        return jwt.serialize();
    }

    static JWTClaimsSet.Builder about(String subject, String session) {
        Date now = new Date();
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .subject(subject)
                .audience(CLIENT)
                .issueTime(now)
                .expirationTime(new Date(now.getTime() + 120_000))
                .claim("sid", session)
                .claim("roles", List.of("ai-audit"));
    }

    @Override
    public byte[] fetch(URI place) throws IOException {
        if (away) {
            throw new IOException("away");
        }
        String text =
                place.getPath().endsWith("configuration")
                        ? """
                        {"issuer":"%1$s","jwks_uri":"%1$s/keys","token_endpoint":"%1$s/token",
                        "authorization_endpoint":"%1$s/auth","end_session_endpoint":"%1$s/end"}
                        """
                                .formatted(ISSUER)
                        : new JWKSet(List.of(keys.ec(), keys.rsa())).toString(true);
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Answer call(URI place, Map<String, String> headers, String form) {
        redeemed++;
        String answer = "{\"token_type\":\"Bearer\",\"id_token\":\"" + idToken + "\"}";
        return new Answer(200, answer.getBytes(StandardCharsets.UTF_8));
    }

    static Map<String, String> query(URI place) {
        Map<String, String> values = new HashMap<>();
        for (String pair : place.getRawQuery().split("&")) {
            String[] both = pair.split("=", 2);
            values.put(both[0], URLDecoder.decode(both[1], StandardCharsets.UTF_8));
        }
        return values;
    }
}
