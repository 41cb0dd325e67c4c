package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.identity.oidc.RelyingParty;
import atlas.identity.oidc.RelyingParty.Arrival;
import atlas.identity.oidc.RelyingParty.Notice;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RelyingPartyTest {
    private final SettableClock clock = new SettableClock();
    private final TestProvider provider = new TestProvider(clock);
    private final RelyingParty party = provider.relyingParty(false);

    private static Map<String, String> query(URI place) {
        return TestProvider.parse(place.getRawQuery());
    }

    private Map<String, String> answer(RelyingParty.Begun begun) {
        Map<String, String> brought = new HashMap<>();
        brought.put("code", "the-code");
        brought.put("state", query(begun.authorization()).get("state"));
        brought.put("iss", TestIssuer.NAME);
        return brought;
    }

    private RelyingParty.Begun begin() throws Exception {
        RelyingParty.Begun begun = party.begin(TestProvider.BACK);
        provider.idToken =
                TestIssuer.signed(provider.idClaims(begun.journey().nonce().reveal()).build())
                        .reveal();
        return begun;
    }

    @Test
    void asksForACodeWithEverythingThatBindsTheAnswerToTheBrowser() throws Exception {
        Map<String, String> asked = query(begin().authorization());
        assertThat(asked)
                .containsEntry("theme", "plain")
                .containsEntry("response_type", "code")
                .containsEntry("client_id", TestProvider.CLIENT)
                .containsEntry("redirect_uri", TestProvider.BACK.toString())
                .containsEntry("scope", "openid profile")
                .containsEntry("code_challenge_method", "S256");
        assertThat(asked.get("state")).hasSize(43);
        assertThat(asked.get("nonce")).hasSize(43).isNotEqualTo(asked.get("state"));
        assertThat(query(begin().authorization()).get("state")).isNotEqualTo(asked.get("state"));
    }

    @Test
    void redeemsTheCodeAndTakesThePersonFromTheIdToken() throws Exception {
        RelyingParty.Begun begun = begin();
        Arrival arrival = party.finish(answer(begun), begun.journey());
        assertThat(arrival).isInstanceOf(Arrival.Arrived.class);
        Arrival.Arrived arrived = (Arrival.Arrived) arrival;
        assertThat(arrived.principal().id()).isEqualTo("oidc:" + TestIssuer.NAME + "#alice");
        assertThat(arrived.principal().roles()).containsExactly(Role.AUDITOR);
        assertThat(arrived.session()).contains("provider-session-1");
        assertThat(provider.redeemed)
                .containsEntry("grant_type", "authorization_code")
                .containsEntry("code", "the-code")
                .containsEntry("redirect_uri", TestProvider.BACK.toString())
                .doesNotContainKey("client_secret");
        String challenge = query(begun.authorization()).get("code_challenge");
        byte[] verifier =
                provider.redeemed
                        .getOrDefault("code_verifier", "")
                        .getBytes(StandardCharsets.UTF_8);
        assertThat(
                        Base64.getUrlEncoder()
                                .withoutPadding()
                                .encodeToString(Hashes.sha256().digest(verifier)))
                .isEqualTo(challenge);
        String basic =
                provider.headers.getOrDefault("authorization", "").substring("Basic ".length());
        assertThat(new String(Base64.getDecoder().decode(basic), StandardCharsets.UTF_8))
                .isEqualTo("atlas-console:s%26cret");
    }

    @Test
    void putsTheSecretInTheFormWhereTheProviderTakesItNowhereElse() throws Exception {
        provider.discovery.put(
                "token_endpoint_auth_methods_supported", List.of("client_secret_post"));
        RelyingParty.Begun begun = begin();
        assertThat(party.finish(answer(begun), begun.journey()))
                .isInstanceOf(Arrival.Arrived.class);
        assertThat(provider.redeemed).containsEntry("client_secret", "s&cret");
        assertThat(provider.headers).isEmpty();
    }

    private String refusal(Map<String, String> brought, RelyingParty.Begun begun) {
        Arrival arrival = party.finish(brought, begun.journey());
        assertThat(arrival).isInstanceOf(Arrival.Refused.class);
        return ((Arrival.Refused) arrival).reason();
    }

    @Test
    void refusesAnswersThatAreNotThisJourneys() throws Exception {
        RelyingParty.Begun begun = begin();
        Map<String, String> good = answer(begun);
        Map<String, String> other = new HashMap<>(good);
        other.put("state", answer(begin()).get("state"));
        assertThat(refusal(other, begun)).isEqualTo("sign_in_state");
        for (String name : List.of("state", "iss", "code")) {
            Map<String, String> less = new HashMap<>(good);
            less.remove(name);
            assertThat(refusal(less, begun))
                    .isIn("sign_in_state", "sign_in_issuer", "sign_in_code_missing");
        }
        other = new HashMap<>(good);
        other.put("iss", "https://other.example");
        assertThat(refusal(other, begun)).isEqualTo("sign_in_issuer");
        other = new HashMap<>(good);
        other.put("error", "access_denied");
        assertThat(refusal(other, begun)).isEqualTo("sign_in_denied");
        assertThat(provider.redeemed).as("no code was redeemed").isEmpty();
    }

    @Test
    void aProviderThatDoesNotNameItselfNeedNot() throws Exception {
        provider.discovery.remove("authorization_response_iss_parameter_supported");
        RelyingParty.Begun begun = begin();
        Map<String, String> brought = answer(begun);
        brought.remove("iss");
        assertThat(party.finish(brought, begun.journey())).isInstanceOf(Arrival.Arrived.class);
    }

    @Test
    void aProviderThatIsAwayIsNoRefusal() throws Exception {
        RelyingParty.Begun begun = begin();
        provider.status = 502;
        assertThat(party.finish(answer(begun), begun.journey())).isInstanceOf(Arrival.Away.class);
        provider.status = 400;
        assertThat(refusal(answer(begun), begun)).isEqualTo("sign_in_code");
        provider.away = true;
        assertThat(party.finish(answer(begun), begun.journey())).isInstanceOf(Arrival.Away.class);
        clock.advance(Duration.ofMinutes(11));
        assertThatThrownBy(() -> party.begin(TestProvider.BACK))
                .isInstanceOf(RelyingParty.ProviderAway.class);
    }

    @Test
    void doesNotFollowADiscoveryDocumentAstray() throws Exception {
        provider.discovery.put("token_endpoint", "http://idp.example/token");
        assertThatThrownBy(() -> party.begin(TestProvider.BACK))
                .isInstanceOf(RelyingParty.ProviderAway.class);
        provider.discovery.put("token_endpoint", TestIssuer.NAME + "/token");
        provider.discovery.put("issuer", "https://other.example");
        assertThatThrownBy(() -> party.begin(TestProvider.BACK))
                .isInstanceOf(RelyingParty.ProviderAway.class);
    }

    @Test
    void completesClaimsFromUserInfoOfTheSamePersonOnly() throws Exception {
        RelyingParty asking = provider.relyingParty(true);
        RelyingParty.Begun begun = asking.begin(TestProvider.BACK);
        provider.idToken =
                TestIssuer.signed(
                                provider.idClaims(begun.journey().nonce().reveal())
                                        .claim("realm_access", null)
                                        .build())
                        .reveal();
        provider.userInfo =
                "{\"sub\":\"alice\",\"aud\":\"x\",\"realm_access\":{\"roles\":[\"ai-user\"]}}";
        Arrival arrival = asking.finish(answer(begun), begun.journey());
        assertThat(((Arrival.Arrived) arrival).principal().roles()).containsExactly(Role.CONSUMER);
        provider.userInfo = "{\"sub\":\"root\",\"realm_access\":{\"roles\":[\"ai-user\"]}}";
        assertThat(asking.finish(answer(begun), begun.journey()))
                .isEqualTo(new Arrival.Refused("sign_in_user_info"));
    }

    @Test
    void takesAProvidersWordThatSomebodySignedOutOnce() {
        Sensitive<String> token = TestProvider.logoutToken(provider.logoutClaims().build());
        assertThat(party.logout(token))
                .isEqualTo(
                        new Notice.Over(
                                TestIssuer.NAME, "alice", Optional.of("provider-session-1")));
        assertThat(party.logout(token)).isEqualTo(new Notice.Refused("logout_token_replayed"));
    }

    @Test
    void saysWhereToSignOutAtTheProvider() throws Exception {
        URI place =
                party.farewell(Sensitive.of("id"), URI.create("https://atlas.example/"))
                        .orElseThrow()
                        .reveal();
        assertThat(place.toString()).startsWith(TestIssuer.NAME + "/end?");
        assertThat(query(place))
                .containsEntry("id_token_hint", "id")
                .containsEntry("client_id", TestProvider.CLIENT)
                .containsEntry("post_logout_redirect_uri", "https://atlas.example/");
        provider.discovery.remove("end_session_endpoint");
        clock.advance(Duration.ofMinutes(11));
        assertThat(party.farewell(Sensitive.of("id"), URI.create("https://atlas.example/")))
                .isEmpty();
    }

    @Test
    void isNotSetUpSoThatAnIdTokenPassesForAnAccessToken() {
        assertThatThrownBy(() ->
                        new RelyingParty(
                                new RelyingParty.Client(
                                        "corp",
                                        "Corp",
                                        TestIssuer.NAME,
                                        "atlas",
                                        Optional.empty(),
                                        List.of(),
                                        false),
                                provider.issuers(),
                                provider,
                                clock))
                .hasMessageContaining("would pass for an access token");
    }
}
