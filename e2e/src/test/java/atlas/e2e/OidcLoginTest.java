package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** People sign in at the real console with a real Keycloak in a real browser, and out both ways. */
class OidcLoginTest {
    private static SingleSignOn sso;
    private static String console;

    @BeforeAll
    static void start() throws Exception {
        sso = SingleSignOn.shared();
        console = sso.atlas.control("").toString();
        sso.keycloak.welcome("atlas-console", console);
        sso.grant("audrey", "auditor");
        sso.grant("otto", "operator");
    }

    private static Browser browser(String user, String end) throws Exception {
        return Browser.run(
                "oidc-login.mjs",
                console,
                sso.atlas.ca().toString(),
                sso.keycloak.at("").toString(),
                sso.authority.root().toString(),
                "keycloak-oidc",
                user,
                Keycloak.password(user),
                end);
    }

    @Test
    void aPersonSignsInAndSigningOutHereSignsThemOutThere() throws Exception {
        try (Browser browser = browser("audrey", "here")) {
            JsonNode page = browser.next("page");
            assertThat(page.path("label").asText()).isEqualTo("Sign in with Keycloak");
            assertThat(page.path("complaints")).isEmpty();
            URI asked = URI.create(browser.next("provider").path("url").asText());
            assertThat(asked.getRawQuery())
                    .contains("code_challenge_method=S256", "response_type=code", "nonce=");
            JsonNode in = browser.next("signed-in");
            assertThat(in.path("who").asText()).startsWith("oidc:" + sso.keycloak.issuer());
            assertThat(in.path("who").asText()).endsWith("auditor");
            assertThat(in.path("url").asText()).isEqualTo(console + "/");
            assertThat(in.path("complaints")).as(in.toString()).isEmpty();
            assertThat(in.path("readable").asText()).isEmpty();
            assertThat(in.path("stored").asInt()).isZero();
            assertThat(in.path("cookies")).hasSize(1);
            JsonNode cookie = in.path("cookies").get(0);
            assertThat(cookie.path("name").asText()).isEqualTo("__Host-atlas-session");
            assertThat(cookie.path("httpOnly").asBoolean()).isTrue();
            assertThat(cookie.path("secure").asBoolean()).isTrue();
            assertThat(cookie.path("sameSite").asText()).isEqualTo("Strict");
            assertThat(cookie.path("path").asText()).isEqualTo("/");
            assertThat(cookie.path("expires").asInt()).isEqualTo(-1);
            browser.next("reloaded");
            assertThat(browser.next("asked-again").path("url").asText())
                    .as("the provider asks for the password again")
                    .startsWith(sso.keycloak.issuer().toString());
        }
        assertThat(sessionFacts())
                .anySatisfy(fact ->
                        assertThat(fact).contains("session.ended", "\"reason\":\"signed_out\""));
    }

    @Test
    void whoIsSignedOutAtTheProviderIsSignedOutHere() throws Exception {
        try (Browser browser = browser("otto", "there")) {
            browser.next("page");
            browser.next("provider");
            browser.next("signed-in");
            browser.next("reloaded");
            sso.keycloak.admin("POST", "/users/" + sso.keycloak.user("otto") + "/logout", Map.of());
            browser.tell();
            assertThat(browser.next("ended").path("why").asText()).contains("signed out");
        }
        assertThat(sessionFacts())
                .anySatisfy(fact ->
                        assertThat(fact)
                                .contains("session.ended", "\"reason\":\"provider_logout\""));
    }

    @Test
    void aKeyIsExchangedForASessionAndKeptNowhere() throws Exception {
        try (Browser browser =
                Browser.run(
                        "key-login.mjs",
                        console,
                        sso.atlas.ca().toString(),
                        sso.atlas.key("auditor"))) {
            assertThat(browser.next("refused").path("why").asText()).contains("not accepted");
            JsonNode in = browser.next("signed-in");
            assertThat(in.path("who").asText()).startsWith("bootstrap-auditor");
            assertThat(in.path("sent").toString()).isEqualTo("[\"POST /login/key\"]");
            assertThat(in.path("field").asText()).isEmpty();
            assertThat(in.path("stored").asInt()).isZero();
            assertThat(in.path("complaints")).as(in.toString()).isEmpty();
            assertThat(browser.next("signed-out").path("cookies")).isEmpty();
        }
    }

    private static List<String> sessionFacts() throws Exception {
        List<String> facts = new ArrayList<>();
        sso.atlas
                .json(
                        sso.atlas.control("/api/v1/journal/entries?limit=200"),
                        sso.atlas.key("auditor"))
                .path("entries")
                .forEach(entry -> facts.add(entry.toString()));
        return facts;
    }
}
