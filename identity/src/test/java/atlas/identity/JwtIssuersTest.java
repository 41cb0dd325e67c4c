package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import java.net.URI;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JwtIssuersTest {
    private final SettableClock clock = new SettableClock();
    private final TestIssuer issuer = new TestIssuer(clock);
    private final JwtIssuers issuers = issuers(TestIssuer.config());

    private JwtIssuers issuers(JwtIssuerConfig config) {
        return new JwtIssuers(List.of(config), issuer, clock, false);
    }

    @AfterEach
    void close() {
        issuers.close();
    }

    private static Principal accepted(Authentication outcome) {
        assertThat(outcome).isInstanceOf(Authenticated.class);
        return ((Authenticated) outcome).principal();
    }

    private static void rejected(Authentication outcome, String reason) {
        assertThat(outcome).isInstanceOf(Rejected.class);
        assertThat(((Rejected) outcome).reason()).isEqualTo(reason);
    }

    private Sensitive<String> token(JWK key) {
        JWSAlgorithm algorithm = key instanceof RSAKey ? JWSAlgorithm.PS256 : JWSAlgorithm.ES256;
        return TestIssuer.sign(
                TestIssuer.header(algorithm, key).build(), issuer.claims().build(), key);
    }

    @Test
    void namesTheCallerByIssuerAndSubject() {
        Principal caller = accepted(issuers.authenticate(token(TestIssuer.RSA)));
        assertThat(caller.id()).isEqualTo("oidc:" + TestIssuer.NAME + "#alice");
        assertThat(caller.models()).containsExactly(new Glob("tiny*"));
        assertThat(caller.credential().id()).isEqualTo("token-1");
        assertThat(caller.credential().kind()).isEqualTo(Principal.Credential.Kind.JWT);
    }

    @Test
    void mapsOnlyTheRolesThatAreConfigured() {
        JWTClaimsSet claims =
                issuer.claims()
                        .claim(
                                "realm_access",
                                Map.of("roles", List.of("consumer", "ai-audit", "AI-USER", 7)))
                        .claim("roles", List.of("security_admin"))
                        .build();
        assertThat(accepted(issuers.authenticate(TestIssuer.signed(claims))).roles())
                .containsExactly(Role.AUDITOR);
        JWTClaimsSet none = issuer.claims().claim("realm_access", "ai-user").build();
        assertThat(accepted(issuers.authenticate(TestIssuer.signed(none))).roles()).isEmpty();
    }

    @Test
    void reachesNoModelWhenTheClaimIsMissing() {
        JWTClaimsSet claims = issuer.claims().claim("models", null).build();
        assertThat(accepted(issuers.authenticate(TestIssuer.signed(claims))).models()).isEmpty();
    }

    @Test
    void acceptsTheSkewAndNotMore() {
        Date end = Date.from(clock.instant().minusSeconds(29));
        JWTClaimsSet late = issuer.claims().expirationTime(end).build();
        accepted(issuers.authenticate(TestIssuer.signed(late)));
        Date start = Date.from(clock.instant().plusSeconds(29));
        JWTClaimsSet early = issuer.claims().notBeforeTime(start).issueTime(start).build();
        accepted(issuers.authenticate(TestIssuer.signed(early)));
    }

    @Test
    void requiresTheAuthorizedPartyWhenOneIsConfigured() {
        try (JwtIssuers strict =
                issuers(
                        TestIssuer.config(
                                Optional.of(TestIssuer.KEYS), Set.of("ES256"), Set.of("app")))) {
            rejected(
                    strict.authenticate(TestIssuer.signed(issuer.claims().build())),
                    "token_authorized_party");
            rejected(
                    strict.authenticate(
                            TestIssuer.signed(issuer.claims().claim("azp", "other").build())),
                    "token_authorized_party");
            accepted(
                    strict.authenticate(
                            TestIssuer.signed(issuer.claims().claim("azp", "app").build())));
        }
    }

    @Test
    void findsTheKeysByDiscovery() {
        try (JwtIssuers discovering =
                issuers(TestIssuer.config(Optional.empty(), Set.of("ES256"), Set.of()))) {
            accepted(discovering.authenticate(token(TestIssuer.EC)));
            assertThat(issuer.fetched)
                    .containsExactly(
                            URI.create(TestIssuer.NAME + "/.well-known/openid-configuration"),
                            TestIssuer.KEYS);
        }
    }

    @Test
    void remembersAVerifiedTokenByAllOfIt() {
        Sensitive<String> token = token(TestIssuer.EC);
        Authentication first = issuers.authenticate(token);
        assertThat(issuers.authenticate(Sensitive.of(token.reveal()))).isSameAs(first);
        String text = token.reveal();
        String changed =
                text.substring(0, text.length() - 20)
                        + (text.charAt(text.length() - 20) == 'A' ? 'B' : 'A')
                        + text.substring(text.length() - 19);
        rejected(issuers.authenticate(Sensitive.of(changed)), "token_signature");
    }

    @Test
    void forgetsARememberedTokenWhenItExpires() {
        Sensitive<String> token = token(TestIssuer.EC);
        accepted(issuers.authenticate(token));
        clock.advance(Duration.ofSeconds(331));
        rejected(issuers.authenticate(token), "token_expired");
    }

    @Test
    void forgetsARememberedTokenWhenItsKeyIsDropped() {
        Sensitive<String> token = token(TestIssuer.EC);
        accepted(issuers.authenticate(token));
        issuer.publish(TestIssuer.RSA);
        issuers.refresh();
        clock.advance(Duration.ofSeconds(11));
        rejected(issuers.authenticate(token), "token_key_unknown");
    }

    @Test
    void followsAKeyRotationWithoutRestart() {
        accepted(issuers.authenticate(token(TestIssuer.EC)));
        ECKey next = TestIssuer.ec("ec-2");
        issuer.publish(TestIssuer.EC, next);
        rejected(issuers.authenticate(token(next)), "token_key_unknown");
        clock.advance(Duration.ofSeconds(11));
        accepted(issuers.authenticate(token(next)));
        assertThat(issuer.fetched).hasSize(2);
    }

    @Test
    void unknownKeyIdsDoNotMakeItFetchMoreOften() {
        accepted(issuers.authenticate(token(TestIssuer.EC)));
        for (int i = 0; i < 50; i++) {
            ECKey stranger = new ECKey.Builder(TestIssuer.EC).keyID("stranger-" + i).build();
            rejected(issuers.authenticate(token(stranger)), "token_key_unknown");
        }
        assertThat(issuer.fetched).hasSize(1);
    }

    @Test
    void anIssuerThatIsAwayMakesNoTokenWrong() {
        issuer.goAway();
        assertThat(issuers.authenticate(token(TestIssuer.EC))).isInstanceOf(Unavailable.class);
        assertThat(issuers.authenticate(token(TestIssuer.EC))).isInstanceOf(Unavailable.class);
        issuer.comeBack();
        clock.advance(Duration.ofSeconds(11));
        accepted(issuers.authenticate(token(TestIssuer.EC)));
    }

    @Test
    void knownKeysServeOnWhileTheIssuerIsAway() {
        accepted(issuers.authenticate(token(TestIssuer.EC)));
        issuer.goAway();
        clock.advance(Duration.ofMinutes(30));
        issuers.refresh();
        accepted(issuers.authenticate(token(TestIssuer.EC)));
        assertThat(issuers.authenticate(token(TestIssuer.ec("new"))))
                .isInstanceOf(Unavailable.class);
    }

    @Test
    void keysNotConfirmedForADayAreNotUsed() {
        accepted(issuers.authenticate(token(TestIssuer.EC)));
        issuer.goAway();
        clock.advance(Duration.ofHours(25));
        assertThat(issuers.authenticate(token(TestIssuer.EC))).isInstanceOf(Unavailable.class);
    }

    @Test
    void doesNotUseKeysThatAreWeakOrForSomethingElse() throws Exception {
        RSAKey weak =
                new com.nimbusds.jose.jwk.gen.RSAKeyGenerator(1024, true).keyID("w").generate();
        ECKey sealing =
                new ECKey.Builder(TestIssuer.EC)
                        .keyID("enc")
                        .keyUse(com.nimbusds.jose.jwk.KeyUse.ENCRYPTION)
                        .build();
        ECKey forEs384 =
                new ECKey.Builder(TestIssuer.EC)
                        .keyID("es384")
                        .algorithm(JWSAlgorithm.ES384)
                        .build();
        issuer.publish(TestIssuer.RSA, weak, sealing, forEs384);
        rejected(issuers.authenticate(token(sealing)), "token_key_unknown");
        rejected(issuers.authenticate(token(forEs384)), "token_key_unknown");
        RSAKey claimed = new RSAKey.Builder(TestIssuer.RSA).keyID("w").build();
        rejected(issuers.authenticate(token(claimed)), "token_key_unknown");
    }

    @Test
    void refusesConfigurationsThatTrustTooMuch() {
        for (String algorithm : List.of("none", "HS256", "EdDSA", "RSA1_5", "")) {
            assertThatThrownBy(() ->
                            TestIssuer.config(
                                    Optional.of(TestIssuer.KEYS), Set.of(algorithm), Set.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("`" + algorithm + "` is not accepted");
        }
        assertThatThrownBy(() ->
                        TestIssuer.config(
                                Optional.of(URI.create("http://idp.example/keys")),
                                Set.of("ES256"),
                                Set.of()))
                .hasMessageContaining("neither https: nor file:");
        assertThatThrownBy(() ->
                        new JwtIssuers(
                                List.of(TestIssuer.config(), TestIssuer.config()),
                                issuer,
                                clock,
                                false))
                .hasMessageContaining("configured twice");
    }

    @Test
    void askingAgainNeverWaitsForTheIssuer() throws Exception {
        Sensitive<String> token = token(TestIssuer.EC);
        accepted(issuers.authenticate(token));
        int before = issuer.fetched.size();
        clock.advance(Duration.ofHours(25));
        Sensitive<String> fresh = token(TestIssuer.EC);

        issuer.hold();
        assertThat(issuers.again(fresh)).isInstanceOf(Unavailable.class);
        assertThat(issuer.fetched).hasSize(before);

        issuer.release();
        while (issuers.again(fresh) instanceof Unavailable) {
            Thread.onSpinWait();
        }
        accepted(issuers.again(fresh));
    }
}
