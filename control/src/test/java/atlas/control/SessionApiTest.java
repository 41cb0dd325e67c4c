package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionApiTest {
    @TempDir private static Path folder;
    private static Installation atlas;

    @BeforeAll
    static void start() throws Exception {
        atlas = new Installation(folder.resolve("home"));
    }

    @AfterAll
    static void stop() {
        atlas.close();
    }

    /** A browser's side of a session. */
    private record Browser(String cookie, String csrf) {
        HttpResponse<String> send(String method, String path, String... more) throws Exception {
            List<String> headers = new ArrayList<>(List.of("cookie", cookie));
            headers.addAll(List.of(more));
            return atlas.bare(method, path, headers.toArray(String[]::new));
        }

        HttpResponse<String> act(String method, String path) throws Exception {
            return send(method, path, "origin", atlas.origin(), "x-csrf-token", csrf);
        }
    }

    private static Browser signIn(String key, String... more) throws Exception {
        List<String> headers =
                new ArrayList<>(
                        List.of("authorization", "Bearer " + key, "origin", atlas.origin()));
        headers.addAll(List.of(more));
        HttpResponse<String> response =
                atlas.bare("POST", "/login/key", headers.toArray(String[]::new));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        String set = response.headers().firstValue("set-cookie").orElseThrow();
        String cookie = set.substring(0, set.indexOf(';'));
        JsonNode session =
                Installation.JSON.readTree(
                        atlas.bare("GET", "/login/session", "cookie", cookie).body());
        return new Browser(cookie, session.get("csrf_token").asText());
    }

    @Test
    void aKeyBecomesASessionThatIsItsPrincipal() throws Exception {
        HttpResponse<String> response =
                atlas.bare(
                        "POST",
                        "/login/key",
                        "authorization",
                        "Bearer " + atlas.key(Role.AUDITOR),
                        "origin",
                        atlas.origin());
        String set = response.headers().firstValue("set-cookie").orElseThrow();
        assertThat(set)
                .startsWith("__Host-atlas-session=")
                .contains("; Path=/; Secure; HttpOnly; SameSite=Strict")
                .doesNotContain("Domain");
        assertThat(response.body()).doesNotContain(set.substring(22, 60));

        Browser browser = signIn(atlas.key(Role.AUDITOR));
        JsonNode who = Installation.JSON.readTree(browser.send("GET", "/api/v1/whoami").body());
        assertThat(who.get("principal").asText()).isEqualTo("bootstrap-auditor");
        assertThat(who.get("credential").get("kind").asText()).isEqualTo("session");
        assertThat(browser.send("GET", "/api/v1/keys").statusCode()).isEqualTo(200);
        assertThat(browser.act("POST", "/api/v1/vault/rotate").statusCode()).isEqualTo(403);
    }

    @Test
    void nobodySignsInWithoutAKeyOrFromAnotherPage() throws Exception {
        String key = "Bearer " + atlas.key(Role.AUDITOR);
        assertThat(atlas.bare("POST", "/login/key", "origin", atlas.origin()).statusCode())
                .isEqualTo(401);
        for (List<String> headers :
                List.of(
                        List.<String>of(),
                        List.of("origin", "https://evil.example"),
                        List.of("origin", "null"),
                        List.of("origin", atlas.origin(), "sec-fetch-site", "cross-site"),
                        List.of("origin", atlas.origin(), "sec-fetch-site", "same-site"),
                        List.of("origin", atlas.origin(), "sec-fetch-site", "none"))) {
            List<String> all = new ArrayList<>(List.of("authorization", key));
            all.addAll(headers);
            HttpResponse<String> response =
                    atlas.bare("POST", "/login/key", all.toArray(String[]::new));
            assertThat(response.statusCode()).as(headers.toString()).isEqualTo(403);
            assertThat(response.headers().firstValue("set-cookie")).isEmpty();
        }
    }

    @Test
    void aChangeNeedsTheTokenAndTheOrigin() throws Exception {
        Browser browser = signIn(atlas.key(Role.SECURITY_ADMIN));
        String path = "/api/v1/keys/none";
        String origin = atlas.origin();
        assertThat(browser.act("DELETE", path).statusCode()).isEqualTo(404);
        assertThat(browser.send("DELETE", path).statusCode()).isEqualTo(403);
        assertThat(browser.send("DELETE", path, "origin", origin).statusCode()).isEqualTo(403);
        assertThat(browser.send("DELETE", path, "origin", origin, "x-csrf-token", "x").statusCode())
                .isEqualTo(403);
        Browser other = signIn(atlas.key(Role.SECURITY_ADMIN));
        assertThat(
                        browser.send("DELETE", path, "origin", origin, "x-csrf-token", other.csrf)
                                .statusCode())
                .isEqualTo(403);
        assertThat(
                        browser.send(
                                        "DELETE",
                                        path,
                                        "origin",
                                        "https://evil.example",
                                        "x-csrf-token",
                                        browser.csrf)
                                .statusCode())
                .isEqualTo(403);
        assertThat(
                        browser.send(
                                        "DELETE",
                                        path,
                                        "origin",
                                        origin,
                                        "sec-fetch-site",
                                        "cross-site",
                                        "x-csrf-token",
                                        browser.csrf)
                                .statusCode())
                .isEqualTo(403);
        assertThat(browser.send("GET", "/api/v1/keys", "sec-fetch-site", "cross-site").statusCode())
                .isEqualTo(403);
    }

    @Test
    void twoCredentialsAreRefused() throws Exception {
        Browser browser = signIn(atlas.key(Role.AUDITOR));
        String key = atlas.key(Role.AUDITOR);
        for (List<String> second :
                List.of(
                        List.of("authorization", "Bearer " + key),
                        List.of("authorization", "Basic eDp5"),
                        List.of("x-api-key", key),
                        List.of("cookie", browser.cookie),
                        List.of("cookie", "__Host-atlas-session=x"))) {
            HttpResponse<String> response =
                    browser.send("GET", "/api/v1/whoami", second.toArray(String[]::new));
            assertThat(response.statusCode()).as(second.getFirst()).isEqualTo(400);
        }
        assertThat(browser.send("GET", "/api/v1/whoami").statusCode()).isEqualTo(200);
    }

    @Test
    void signingInAnewEndsTheOldSessionAndTakesNoOfferedOne() throws Exception {
        Browser first = signIn(atlas.key(Role.AUDITOR));
        Browser second = signIn(atlas.key(Role.AUDITOR), "cookie", first.cookie);
        assertThat(second.cookie).isNotEqualTo(first.cookie);
        assertThat(first.send("GET", "/api/v1/whoami").statusCode()).isEqualTo(401);
        String planted = "__Host-atlas-session=" + "A".repeat(43);
        Browser third = signIn(atlas.key(Role.AUDITOR), "cookie", planted);
        assertThat(third.cookie).isNotEqualTo(planted);
        assertThat(atlas.bare("GET", "/api/v1/whoami", "cookie", planted).statusCode())
                .isEqualTo(401);
    }

    @Test
    void signingOutEndsItForWhoeverHoldsTheCookie() throws Exception {
        Browser browser = signIn(atlas.key(Role.CONSUMER));
        assertThat(browser.send("POST", "/login/out").statusCode()).isEqualTo(403);
        HttpResponse<String> out = browser.act("POST", "/login/out");
        assertThat(out.statusCode()).isEqualTo(200);
        assertThat(out.headers().firstValue("set-cookie").orElseThrow())
                .startsWith("__Host-atlas-session=;")
                .contains("Max-Age=0");
        assertThat(browser.send("GET", "/login/session").statusCode()).isEqualTo(401);
        assertThat(browser.act("POST", "/login/out").statusCode()).isEqualTo(401);
    }

    @Test
    void aRevokedKeyEndsTheSessionsItOpened() throws Exception {
        atlas.json(
                Role.SECURITY_ADMIN,
                "POST",
                "/api/v1/grants",
                "{\"principal\":\"gina\",\"role\":\"auditor\"}");
        JsonNode issued =
                atlas.json(
                        Role.SECURITY_ADMIN,
                        "POST",
                        "/api/v1/keys",
                        "{\"principal\":\"gina\",\"roles\":[\"auditor\"]}");
        Browser browser = signIn(issued.get("key").asText());
        assertThat(browser.send("GET", "/api/v1/whoami").statusCode()).isEqualTo(200);

        atlas.json(
                Role.SECURITY_ADMIN, "DELETE", "/api/v1/keys/" + issued.get("id").asText(), null);

        assertThat(browser.send("GET", "/api/v1/whoami").statusCode()).isEqualTo(401);
    }

    @Test
    void aSecurityAdminSeesSessionsAndEndsThemAndAllOfItIsInTheJournal() throws Exception {
        Browser browser = signIn(atlas.key(Role.OPERATOR));
        String id =
                Installation.JSON
                        .readTree(browser.send("GET", "/login/session").body())
                        .get("session")
                        .get("id")
                        .asText();
        JsonNode list = atlas.json(Role.SECURITY_ADMIN, "GET", "/api/v1/sessions", null);
        assertThat(list.toString())
                .contains(id)
                .contains("\"method\":\"api-key\"")
                .doesNotContain(browser.cookie.substring(22));
        assertThat(browser.send("GET", "/api/v1/sessions").statusCode()).isEqualTo(403);

        atlas.json(Role.SECURITY_ADMIN, "DELETE", "/api/v1/sessions/" + id, null);

        assertThat(browser.send("GET", "/api/v1/whoami").statusCode()).isEqualTo(401);
        // Recorded before it is answered, and after whatever was recorded until then.
        assertThat(atlas.send(Role.CONSUMER, "GET", "/api/v1/sessions", null).statusCode())
                .isEqualTo(403);
        String journal =
                atlas.json(Role.AUDITOR, "GET", "/api/v1/journal/entries?limit=1000", null)
                        .toString();
        assertThat(journal).contains("session.opened").contains("session.ended").contains(id);
        assertThat(journal)
                .contains("\"reason\":\"revoked\"")
                .doesNotContain(browser.cookie.substring(22));
    }

    @Test
    void strangersLearnTheNamesOfProvidersAndNothingElse() throws Exception {
        HttpResponse<String> providers = atlas.bare("GET", "/login/providers");
        assertThat(providers.statusCode()).isEqualTo(200);
        assertThat(providers.body()).isEqualTo("{\"providers\":[]}");
        for (String path : List.of("/login", "/login/", "/login/session", "/login/oidc/x")) {
            assertThat(atlas.bare("GET", path).statusCode()).as(path).isEqualTo(401);
        }
        for (String path : List.of("/login/out", "/login/providers")) {
            assertThat(atlas.bare("POST", path).statusCode()).as(path).isEqualTo(401);
        }
    }
}
