package atlas.identity;

import atlas.core.Sensitive;
import atlas.identity.oidc.RelyingParty;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A provider that people sign in with, over {@link TestIssuer}, whose answers the test decides. */
final class TestProvider implements JwksSource.Channel {
    static final String CLIENT = "atlas-console";
    static final URI BACK = URI.create("https://atlas.example:9443/login/oidc/callback");

    final TestIssuer issuer;
    final Map<String, Object> discovery = new HashMap<>();
    Map<String, String> redeemed = Map.of();
    Map<String, String> headers = Map.of();
    String idToken = "";
    String userInfo = "";
    int status = 200;
    boolean away;
    private final Clock clock;

    TestProvider(Clock clock) {
        this.clock = clock;
        this.issuer = new TestIssuer(clock);
        discovery.put("issuer", TestIssuer.NAME);
        discovery.put("authorization_endpoint", TestIssuer.NAME + "/auth?theme=plain");
        discovery.put("token_endpoint", TestIssuer.NAME + "/token");
        discovery.put("userinfo_endpoint", TestIssuer.NAME + "/userinfo");
        discovery.put("end_session_endpoint", TestIssuer.NAME + "/end");
        discovery.put("authorization_response_iss_parameter_supported", true);
    }

    JwtIssuers issuers() {
        return new JwtIssuers(List.of(TestIssuer.config()), this, clock, false);
    }

    RelyingParty relyingParty(boolean withUserInfo) {
        return new RelyingParty(
                new RelyingParty.Client(
                        "corp",
                        "Corporate account",
                        TestIssuer.NAME,
                        CLIENT,
                        Optional.of(Sensitive.of("s&cret")),
                        List.of("profile"),
                        withUserInfo),
                issuers(),
                this,
                clock);
    }

    /** Claims of an ID token that would be accepted now. */
    JWTClaimsSet.Builder idClaims(String nonce) {
        Date now = Date.from(clock.instant());
        return new JWTClaimsSet.Builder()
                .issuer(TestIssuer.NAME)
                .subject("alice")
                .audience(CLIENT)
                .issueTime(now)
                .expirationTime(Date.from(clock.instant().plusSeconds(300)))
                .claim("nonce", nonce)
                .claim("sid", "provider-session-1")
                .claim("realm_access", Map.of("roles", List.of("ai-audit")));
    }

    /** Claims of a logout token that would be accepted now. */
    JWTClaimsSet.Builder logoutClaims() {
        Date now = Date.from(clock.instant());
        return new JWTClaimsSet.Builder()
                .issuer(TestIssuer.NAME)
                .subject("alice")
                .audience(CLIENT)
                .issueTime(now)
                .expirationTime(Date.from(clock.instant().plusSeconds(120)))
                .jwtID(UUID.nameUUIDFromBytes(new byte[] {1}).toString())
                .claim("sid", "provider-session-1")
                .claim(
                        "events",
                        Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()));
    }

    static Sensitive<String> logoutToken(JWTClaimsSet claims) {
        return TestIssuer.sign(
                TestIssuer.header(JWSAlgorithm.ES256, TestIssuer.EC)
                        .type(new JOSEObjectType("logout+jwt"))
                        .build(),
                claims,
                TestIssuer.EC);
    }

    @Override
    public byte[] fetch(URI place) throws IOException {
        if (away) {
            throw new IOException("away");
        }
        if (place.getPath().endsWith("/.well-known/openid-configuration")) {
            return com.nimbusds.jose.util.JSONObjectUtils.toJSONString(discovery)
                    .getBytes(StandardCharsets.UTF_8);
        }
        return issuer.fetch(place);
    }

    @Override
    public Answer call(URI place, Map<String, String> headers, String form) throws IOException {
        if (away) {
            throw new IOException("away");
        }
        if (place.getPath().endsWith("/userinfo")) {
            return new Answer(200, userInfo.getBytes(StandardCharsets.UTF_8));
        }
        this.headers = headers;
        redeemed = parse(form);
        String answer =
                "{\"token_type\":\"Bearer\",\"access_token\":\"access\",\"id_token\":\""
                        + idToken
                        + "\"}";
        return new Answer(status, answer.getBytes(StandardCharsets.UTF_8));
    }

    static Map<String, String> parse(String form) {
        Map<String, String> values = new HashMap<>();
        for (String pair : form.split("&")) {
            String[] both = pair.split("=", 2);
            values.put(both[0], URLDecoder.decode(both[1], StandardCharsets.UTF_8));
        }
        return values;
    }
}
