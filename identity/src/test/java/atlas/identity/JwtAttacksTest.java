package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Sensitive;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class JwtAttacksTest {
    private static final RSAKey OWN = TestIssuer.rsa("rsa-1");

    private final SettableClock clock = new SettableClock();
    private final TestIssuer issuer = new TestIssuer(clock);

    private record Attack(String name, String token, String reason) {}

    private JwtIssuers issuers() {
        return new JwtIssuers(List.of(TestIssuer.config()), issuer, clock, false);
    }

    @TestFactory
    Stream<DynamicTest> refuses() throws Exception {
        return Stream.of(signatureAttacks(), headerAttacks(), claimAttacks(), formAttacks())
                .flatMap(List::stream)
                .map(attack -> DynamicTest.dynamicTest(attack.name, () -> refuse(attack)));
    }

    private void refuse(Attack attack) {
        try (JwtIssuers issuers = issuers()) {
            // The good token is accepted first, so that a refusal is about the attack.
            Authentication good = issuers.authenticate(TestIssuer.signed(issuer.claims().build()));
            assertThat(good).isInstanceOf(Authenticated.class);
            issuer.fetched.clear();
            Authentication outcome = issuers.authenticate(Sensitive.of(attack.token));
            assertThat(outcome).isInstanceOf(Rejected.class);
            assertThat(((Rejected) outcome).reason()).isEqualTo(attack.reason);
            assertThat(((Rejected) outcome).hint()).startsWith("jwt").hasSizeLessThan(64);
            assertThat(issuer.fetched).allMatch(TestIssuer.KEYS::equals);
        }
    }

    private List<Attack> signatureAttacks() throws Exception {
        JWTClaimsSet claims = issuer.claims().build();
        String good = TestIssuer.signed(claims).reveal();
        String[] parts = good.split("\\.");
        JWTClaimsSet root = issuer.claims().subject("root").build();
        String otherBody = TestIssuer.signed(root).reveal().split("\\.")[1];
        var rsa = TestIssuer.header(JWSAlgorithm.RS256, TestIssuer.RSA);
        return List.of(
                attack(
                        "alg none without signature",
                        raw("{\"alg\":\"none\"}", claims, ""),
                        "token_malformed"),
                attack(
                        "alg none with a signature",
                        raw("{\"alg\":\"none\"}", claims, "AAAA"),
                        "token_malformed"),
                attack(
                        "alg nOnE",
                        raw("{\"alg\":\"nOnE\",\"kid\":\"ec-1\"}", claims, "AAAA"),
                        "token_algorithm"),
                attack("HS256 with the public key as secret", hmac(claims), "token_algorithm"),
                attack(
                        "an algorithm that is not allowed",
                        TestIssuer.sign(
                                TestIssuer.header(JWSAlgorithm.RS512, TestIssuer.RSA).build(),
                                claims,
                                TestIssuer.RSA),
                        "token_algorithm"),
                attack(
                        "RS256 by a stranger under a known key id",
                        TestIssuer.sign(rsa.build(), claims, OWN),
                        "token_signature"),
                attack(
                        "ES256 under the key id of an RSA key",
                        TestIssuer.sign(
                                TestIssuer.header(JWSAlgorithm.ES256, TestIssuer.RSA).build(),
                                claims,
                                TestIssuer.EC),
                        "token_key_unknown"),
                attack(
                        "another body under a good signature",
                        parts[0] + "." + otherBody + "." + parts[2],
                        "token_signature"),
                attack(
                        "an ECDSA signature of zeros",
                        parts[0] + "." + parts[1] + "." + base64(new byte[64]),
                        "token_signature"),
                attack(
                        "an ECDSA signature in DER",
                        parts[0] + "." + parts[1] + "." + base64(new byte[70]),
                        "token_signature"));
    }

    private List<Attack> headerAttacks() throws Exception {
        JWTClaimsSet claims = issuer.claims().build();
        var rsa = TestIssuer.header(JWSAlgorithm.RS256, TestIssuer.RSA);
        return List.of(
                attack(
                        "a key in the header",
                        TestIssuer.sign(rsa.jwk(OWN.toPublicJWK()).build(), claims, OWN),
                        "token_signature"),
                attack(
                        "a key location in the header",
                        TestIssuer.sign(
                                TestIssuer.header(JWSAlgorithm.RS256, TestIssuer.RSA)
                                        .jwkURL(URI.create("https://attacker.example/keys"))
                                        .build(),
                                claims,
                                OWN),
                        "token_signature"),
                attack(
                        "a certificate location in the header",
                        TestIssuer.sign(
                                TestIssuer.header(JWSAlgorithm.RS256, TestIssuer.RSA)
                                        .x509CertURL(URI.create("https://attacker.example/c"))
                                        .build(),
                                claims,
                                OWN),
                        "token_signature"),
                attack(
                        "a key id that is a path",
                        keyed("../../../../dev/null", claims),
                        "token_key_unknown"),
                attack(
                        "a key id that is SQL",
                        keyed("x' UNION SELECT 'k", claims),
                        "token_key_unknown"),
                attack("an endless key id", keyed("k".repeat(5000), claims), "token_key_id"),
                attack("an empty key id", keyed("", claims), "token_key_id"),
                attack(
                        "no key id where two keys fit",
                        TestIssuer.sign(
                                new com.nimbusds.jose.JWSHeader.Builder(JWSAlgorithm.RS256).build(),
                                claims,
                                OWN),
                        "token_signature"),
                attack(
                        "a critical header",
                        TestIssuer.sign(
                                TestIssuer.header(JWSAlgorithm.ES256, TestIssuer.EC)
                                        .criticalParams(Set.of("exp"))
                                        .customParam("exp", 1)
                                        .build(),
                                claims,
                                TestIssuer.EC),
                        "token_critical_header"));
    }

    private List<Attack> claimAttacks() {
        Date past = Date.from(clock.instant().minusSeconds(31));
        Date future = Date.from(clock.instant().plusSeconds(31));
        return List.of(
                claim(
                        "another issuer",
                        issuer.claims().issuer("https://evil.example"),
                        "token_issuer_unknown"),
                claim(
                        "our issuer with a slash",
                        issuer.claims().issuer(TestIssuer.NAME + "/"),
                        "token_issuer_unknown"),
                claim("no issuer", issuer.claims().issuer(null), "token_issuer_missing"),
                claim("another audience", issuer.claims().audience("other"), "token_audience"),
                claim("no audience", issuer.claims().audience((String) null), "token_audience"),
                claim(
                        "an audience that starts like ours",
                        issuer.claims().audience("atlas2"),
                        "token_audience"),
                claim("expired", issuer.claims().expirationTime(past), "token_expired"),
                claim(
                        "without an expiry",
                        issuer.claims().expirationTime(null),
                        "token_expiry_missing"),
                claim(
                        "not yet valid",
                        issuer.claims().notBeforeTime(future),
                        "token_not_yet_valid"),
                claim(
                        "issued in the future",
                        issuer.claims().issueTime(future),
                        "token_not_yet_valid"),
                claim("an ID token", issuer.claims().claim("typ", "ID"), "token_type"),
                claim("a refresh token", issuer.claims().claim("typ", "Refresh"), "token_type"),
                claim(
                        "bound to a key that nobody proves",
                        issuer.claims().claim("cnf", Map.of("jkt", "thumbprint")),
                        "token_confirmation"),
                claim(
                        "bound to a certificate that nobody shows",
                        issuer.claims().claim("cnf", Map.of("x5t#S256", "thumbprint")),
                        "token_confirmation"),
                claim("no subject", issuer.claims().subject(null), "token_principal_missing"),
                claim(
                        "a subject that is a pattern",
                        issuer.claims().subject("*"),
                        "token_principal_malformed"),
                claim(
                        "a subject of two lines",
                        issuer.claims().subject("a\nb"),
                        "token_principal_malformed"),
                claim(
                        "an endless subject",
                        issuer.claims().subject("s".repeat(1000)),
                        "token_principal_malformed"),
                attack(
                        "a logout token",
                        TestIssuer.sign(
                                TestIssuer.header(JWSAlgorithm.ES256, TestIssuer.EC)
                                        .type(new JOSEObjectType("logout+jwt"))
                                        .build(),
                                issuer.claims().build(),
                                TestIssuer.EC),
                        "token_type"));
    }

    private List<Attack> formAttacks() {
        String good = TestIssuer.signed(issuer.claims().build()).reveal();
        String[] parts = good.split("\\.");
        JWTClaimsSet claims = issuer.claims().build();
        String twice = claims.toString().replaceFirst("\\{", "{\"sub\":\"root\",");
        return Stream.of(
                        "",
                        ".",
                        "..",
                        "...",
                        "a.b",
                        "a.b.c",
                        good + ".",
                        "." + good,
                        good + "=",
                        good + ".x",
                        parts[0] + "." + parts[1],
                        parts[0] + "." + parts[1] + ".",
                        parts[0] + ".." + parts[2],
                        "." + parts[1] + "." + parts[2],
                        " " + good,
                        good + " ",
                        good + "\n",
                        good.replaceFirst("\\.", ".\t"),
                        base64("{}") + "." + parts[1] + "." + parts[2],
                        base64("[]") + "." + parts[1] + "." + parts[2],
                        base64("null") + "." + parts[1] + "." + parts[2],
                        parts[0] + "." + base64("{}") + "x." + parts[2],
                        parts[0] + "." + base64(twice) + "." + parts[2],
                        parts[0] + "." + base64("{\"exp\":1e999}") + "." + parts[2],
                        parts[0] + "." + base64("{\"iss\":1,\"exp\":1}") + "." + parts[2],
                        parts[0] + "." + base64("[".repeat(100_000)) + "." + parts[2],
                        base64("{\"alg\":\"ES256\",\"alg\":\"none\"}")
                                + "."
                                + parts[1]
                                + "."
                                + parts[2],
                        "x".repeat(10_000),
                        "ey".repeat(5_000) + ".e.e",
                        "\0.\0.\0")
                .map(t -> attack("form `" + shorten(t) + "`", t, "token_malformed"))
                .toList();
    }

    @Test
    void survivesAnyText() {
        long seed = new Random().nextLong();
        Random noise = new Random(seed);
        String good = TestIssuer.signed(issuer.claims().build()).reveal();
        try (JwtIssuers issuers = issuers()) {
            for (int i = 0; i < 500; i++) {
                char[] text = good.toCharArray();
                for (int j = noise.nextInt(3); j >= 0; j--) {
                    text[noise.nextInt(text.length)] = (char) noise.nextInt(128);
                }
                String changed = new String(text);
                if (!sameBytes(changed, good)) {
                    assertThat(issuers.authenticate(Sensitive.of(changed)))
                            .as("seed %d", seed)
                            .isInstanceOf(Rejected.class);
                }
            }
        }
    }

    // The unused low bits of a base64 ending say nothing: such a text is the same token.
    private static boolean sameBytes(String a, String b) {
        try {
            String[] left = a.split("\\.", -1);
            String[] right = b.split("\\.", -1);
            return left.length == 3
                    && left[0].equals(right[0])
                    && left[1].equals(right[1])
                    && java.util.Arrays.equals(
                            Base64.getUrlDecoder().decode(left[2]),
                            Base64.getUrlDecoder().decode(right[2]));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Attack attack(String name, Sensitive<String> token, String reason) {
        return new Attack(name, token.reveal(), reason);
    }

    private static Attack attack(String name, String token, String reason) {
        return new Attack(name, token, reason);
    }

    private static Attack claim(String name, JWTClaimsSet.Builder claims, String reason) {
        return attack(name, TestIssuer.signed(claims.build()), reason);
    }

    private static Sensitive<String> keyed(String keyId, JWTClaimsSet claims) {
        return TestIssuer.sign(
                TestIssuer.header(JWSAlgorithm.RS256, OWN).keyID(keyId).build(), claims, OWN);
    }

    private static String hmac(JWTClaimsSet claims) throws Exception {
        SignedJWT jwt =
                new SignedJWT(
                        TestIssuer.header(JWSAlgorithm.HS256, TestIssuer.RSA).build(), claims);
        jwt.sign(new MACSigner(TestIssuer.RSA.toRSAPublicKey().getEncoded()));
        return jwt.serialize();
    }

    private static String raw(String header, JWTClaimsSet claims, String signature) {
        return base64(header) + "." + base64(claims.toString()) + "." + signature;
    }

    private static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String shorten(String text) {
        String shown = text.length() > 24 ? text.substring(0, 24) + "…" : text;
        return shown.replaceAll("\\p{Cntrl}", "?") + " " + Map.of("length", text.length());
    }
}
