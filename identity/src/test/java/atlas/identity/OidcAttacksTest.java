package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Sensitive;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.oidc.RelyingParty;
import atlas.identity.oidc.RelyingParty.Arrival;
import atlas.identity.oidc.RelyingParty.Notice;
import com.nimbusds.jwt.JWTClaimsSet;
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
    private static final OidcAttack.Keys KEYS = new OidcAttack.Keys(TestIssuer.EC, TestIssuer.RSA);

    private final SettableClock clock = new SettableClock();
    private final TestProvider provider = new TestProvider(clock);

    @TestFactory
    Stream<DynamicTest> refuses() {
        List<OidcAttack> attacks = OidcAttack.all();
        assertThat(attacks).hasSizeGreaterThan(30);
        return attacks.stream()
                .map(attack -> DynamicTest.dynamicTest(attack.name(), () -> refuse(attack)));
    }

    private void refuse(OidcAttack attack) throws Exception {
        String got =
                switch (attack.as()) {
                    case "access-token" -> access(attack);
                    case "id-token" -> signIn(attack);
                    case "logout-token" -> logout(attack);
                    default -> throw new AssertionError("`as` is not known in " + attack);
                };
        assertThat(got).isEqualTo(attack.reason());
        assertThat(provider.issuer.fetched)
                .as("no place but the issuer's own was asked")
                .allMatch(TestIssuer.KEYS::equals);
    }

    // In each case the unchanged token is accepted first: a refusal is then about the attack.
    private String access(OidcAttack attack) throws Exception {
        try (JwtIssuers issuers = provider.issuers()) {
            JWTClaimsSet good = provider.issuer.claims().build();
            assertThat(issuers.authenticate(TestIssuer.signed(good)))
                    .isInstanceOf(Authenticated.class);
            Authentication outcome = issuers.authenticate(token(attack, good));
            assertThat(outcome).isInstanceOf(Rejected.class);
            return ((Rejected) outcome).reason();
        }
    }

    private String signIn(OidcAttack attack) throws Exception {
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

    private String logout(OidcAttack attack) throws Exception {
        RelyingParty party = provider.relyingParty(false);
        JWTClaimsSet first = provider.logoutClaims().jwtID("accepted").build();
        assertThat(party.logout(TestProvider.logoutToken(first))).isInstanceOf(Notice.Over.class);
        Notice notice = party.logout(token(attack, provider.logoutClaims().build()));
        assertThat(notice).isInstanceOf(Notice.Refused.class);
        return ((Notice.Refused) notice).reason();
    }

    private Sensitive<String> token(OidcAttack attack, JWTClaimsSet good) {
        return Sensitive.of(attack.token(good.toJSONObject(), KEYS, clock.instant()));
    }
}
