package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Sensitive;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.oidc.RelyingParty;
import atlas.identity.oidc.RelyingParty.Arrival;
import atlas.identity.oidc.RelyingParty.Notice;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * One file per attack; the file name is the claim. Each changes a token that would be accepted, in
 * header, claims or signer, and names the reason it must be refused for.
 */
class OidcAttacksTest {
    private static final Path ATTACKS = Path.of("src/test/resources/identity/attacks/oidc");
    private static final ECKey STRANGER = TestIssuer.ec("ec-1");
    private static final RSAKey STRANGER_RSA = TestIssuer.rsa("rsa-1");

    private final SettableClock clock = new SettableClock();
    private final TestProvider provider = new TestProvider(clock);

    @TestFactory
    Stream<DynamicTest> refuses() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(ATTACKS)) {
            files = all.sorted().toList();
        }
        assertThat(files).hasSizeGreaterThan(30);
        return files.stream()
                .map(file ->
                        DynamicTest.dynamicTest(
                                file.getFileName().toString().replace(".json", ""),
                                () -> refuse(JSONObjectUtils.parse(Files.readString(file)))));
    }

    private void refuse(Map<String, Object> attack) throws Exception {
        String reason = String.valueOf(attack.get("reason"));
        String got =
                switch (String.valueOf(attack.get("as"))) {
                    case "access-token" -> access(attack);
                    case "id-token" -> signIn(attack);
                    case "logout-token" -> logout(attack);
                    default -> throw new AssertionError("`as` is not known in " + attack);
                };
        assertThat(got).isEqualTo(reason);
        assertThat(provider.issuer.fetched)
                .as("no place but the issuer's own was asked")
                .allMatch(TestIssuer.KEYS::equals);
    }

    // In each case the unchanged token is accepted first: a refusal is then about the attack.
    private String access(Map<String, Object> attack) throws Exception {
        try (JwtIssuers issuers = provider.issuers()) {
            JWTClaimsSet good = provider.issuer.claims().build();
            assertThat(issuers.authenticate(TestIssuer.signed(good)))
                    .isInstanceOf(Authenticated.class);
            Authentication outcome = issuers.authenticate(token(attack, good));
            assertThat(outcome).isInstanceOf(Rejected.class);
            return ((Rejected) outcome).reason();
        }
    }

    private String signIn(Map<String, Object> attack) throws Exception {
        RelyingParty party = provider.relyingParty(false);
        RelyingParty.Begun begun = party.begin(TestProvider.BACK);
        JWTClaimsSet good = provider.idClaims(begun.journey().nonce().reveal()).build();
        Map<String, String> brought =
                Map.of(
                        "code",
                        "c",
                        "iss",
                        TestIssuer.NAME,
                        "state",
                        begun.journey().state().reveal());
        provider.idToken = TestIssuer.signed(good).reveal();
        assertThat(party.finish(brought, begun.journey())).isInstanceOf(Arrival.Arrived.class);
        provider.idToken = token(attack, good).reveal();
        Arrival arrival = party.finish(brought, begun.journey());
        assertThat(arrival).isInstanceOf(Arrival.Refused.class);
        return ((Arrival.Refused) arrival).reason();
    }

    private String logout(Map<String, Object> attack) throws Exception {
        RelyingParty party = provider.relyingParty(false);
        JWTClaimsSet first = provider.logoutClaims().jwtID("accepted").build();
        assertThat(party.logout(TestProvider.logoutToken(first))).isInstanceOf(Notice.Over.class);
        Notice notice = party.logout(token(attack, provider.logoutClaims().build()));
        assertThat(notice).isInstanceOf(Notice.Refused.class);
        return ((Notice.Refused) notice).reason();
    }

    private Sensitive<String> token(Map<String, Object> attack, JWTClaimsSet good)
            throws Exception {
        Map<String, Object> header = new HashMap<>(Map.of("alg", "ES256", "kid", "ec-1"));
        change(header, JSONObjectUtils.getJSONObject(attack, "header"));
        Map<String, Object> claims = new HashMap<>(good.toJSONObject());
        change(claims, JSONObjectUtils.getJSONObject(attack, "claims"));
        if (header.get("jwk") instanceof String) {
            header.put("jwk", STRANGER_RSA.toPublicJWK().toJSONObject());
        }
        String input = part(header) + "." + part(claims);
        return Sensitive.of(input + "." + signature(attack, header, input));
    }

    private static String part(Map<String, Object> members) {
        return Base64URL.encode(JSONObjectUtils.toJSONString(members)).toString();
    }

    private void change(Map<String, Object> members, Map<String, Object> changes) {
        if (changes == null) {
            return;
        }
        changes.forEach((name, value) -> {
            if (value == null) {
                members.remove(name);
            } else if (value instanceof String text && text.matches("now[+-][0-9]+s")) {
                long seconds = Long.parseLong(text.substring(3, text.length() - 1));
                members.put(name, clock.instant().getEpochSecond() + seconds);
            } else {
                members.put(name, value);
            }
        });
    }

    private static String signature(
            Map<String, Object> attack, Map<String, Object> header, String input) throws Exception {
        byte[] bytes = input.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        return switch (String.valueOf(attack.getOrDefault("signed-by", "issuer"))) {
            case "nobody" -> "";
            case "zeros" -> Base64URL.encode(new byte[64]).toString();
            case "public-key-as-secret" ->
                    new MACSigner(TestIssuer.RSA.toRSAPublicKey().getEncoded())
                            .sign(JWSHeader.parse(header), bytes)
                            .toString();
            case "stranger" -> sign(header, bytes, isRsa(header) ? STRANGER_RSA : STRANGER);
            case "issuer" -> sign(header, bytes, isRsa(header) ? TestIssuer.RSA : TestIssuer.EC);
            default -> throw new AssertionError("`signed-by` is not known in " + attack);
        };
    }

    private static boolean isRsa(Map<String, Object> header) {
        return String.valueOf(header.get("alg")).startsWith("RS");
    }

    private static String sign(Map<String, Object> header, byte[] input, JWK key) throws Exception {
        var signer =
                key instanceof RSAKey rsa
                        ? new com.nimbusds.jose.crypto.RSASSASigner(rsa)
                        : new com.nimbusds.jose.crypto.ECDSASigner((ECKey) key);
        Map<String, Object> plain = Map.of("alg", String.valueOf(header.get("alg")));
        return signer.sign(JWSHeader.parse(plain), input).toString();
    }
}
