package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Role;
import atlas.peers.Lying;
import atlas.policy.Action;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlApiTest {
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/whoami",
                "/api/v1/nothing",
                "/metrics",
                "/health",
                "/console/",
                "/console",
                "/console/other.js",
                "/index.html",
                "/api/v1/openapi.json",
                "/api/v1/events"
            })
    void aStrangerGetsTheSame401Everywhere(String path) throws Exception {
        for (String method : List.of("GET", "POST", "DELETE")) {
            HttpResponse<String> response = atlas.send((String) null, method, path, null);
            assertThat(response.statusCode()).isEqualTo(401);
            JsonNode problem = Installation.JSON.readTree(response.body());
            assertThat(problem.get("type").asText())
                    .isEqualTo("urn:atlas:problem:invalid-credential");
            // What differs from request to request is in a header, so that the bodies are equal.
            assertThat(problem.has("instance")).isFalse();
            assertThat(response.headers().firstValue("x-request-id")).isPresent();
            assertThat(response.headers().firstValue("allow")).isEmpty();
        }
    }

    @Test
    void theConsoleShellIsServedUnderAStrictPolicyAndHoldsNoInlineCode() throws Exception {
        HttpResponse<String> page = atlas.send((String) null, "GET", "/", null);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
                .contains("default-src 'none'")
                .doesNotContain("unsafe");
        assertThat(page.body()).doesNotContainPattern("<script[^>]*>[^<]").doesNotContain("style=");
        for (String file :
                List.of(
                        "app.js",
                        "api.js",
                        "activity.js",
                        "charts.js",
                        "dom.js",
                        "receipt-verifier.js",
                        "receipts.js",
                        "views.js")) {
            assertThat(atlas.send((String) null, "GET", "/console/" + file, null).statusCode())
                    .isEqualTo(200);
        }
        assertThat(atlas.send((String) null, "POST", "/", "{}").statusCode()).isEqualTo(401);
    }

    @Test
    void withoutARetentionNobodyCanHaveAnEntryRemoved() throws Exception {
        JsonNode kept = atlas.json(Role.AUDITOR, "GET", "/api/v1/journal/retention", null);
        assertThat(kept.get("first").asLong()).isZero();
        assertThat(kept.get("legal_hold").asBoolean()).isFalse();
        assertThat(kept.has("keep_seconds")).isFalse();
        HttpResponse<String> refused =
                atlas.send(
                        atlas.keys.get(Role.SECURITY_ADMIN),
                        "POST",
                        "/api/v1/journal/retention",
                        "{\"older_than\":\"9000d\"}");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("`journal.retention` is not set");
        assertThat(atlas.trust.journal().entry(0)).isPresent();
    }

    // Every route of the description against what policy says of the role, over TLS.
    @ParameterizedTest
    @MethodSource("roles")
    void eachRoleReachesExactlyWhatPolicyGivesIt(Role role) throws Exception {
        JsonNode matrix =
                atlas.json(Role.AUDITOR, "GET", "/api/v1/policies/roles", null).get("roles");
        Set<String> allowed = new HashSet<>();
        matrix.get(role.wireName()).forEach(action -> allowed.add(action.asText()));
        JsonNode paths = atlas.json(role, "GET", "/api/v1/openapi.json", null).get("paths");
        int asked = 0;
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                String action = operation.getValue().get("x-atlas-action").asText();
                if (action.equals("bootstrap.remove") && allowed.contains(action)) {
                    continue; // has a test of its own: it ends the credentials used here
                }
                int status = status(role, operation.getKey(), path.getKey());
                asked++;
                if (allowed.contains(action)) {
                    assertThat(status).as(role + " " + action).isNotIn(401, 403, 405, 500);
                } else {
                    assertThat(status).as(role + " " + action).isEqualTo(403);
                }
            }
        }
        assertThat(asked).isGreaterThan(30);
    }

    @Test
    void everyActionIsWhatSomeRouteNeedsAndEveryRouteNeedsOne() throws Exception {
        JsonNode paths = atlas.json(Role.AUDITOR, "GET", "/api/v1/openapi.json", null).get("paths");
        // What the gateway's routes need.
        Set<String> needed = new HashSet<>(Set.of(Action.MODEL_INFER.wireName()));
        for (Action action : Action.values()) {
            if (action.kind().equals("vectors")) {
                needed.add(action.wireName());
            }
        }
        for (JsonNode path : paths) {
            for (JsonNode operation : path) {
                String action = operation.path("x-atlas-action").asText();
                assertThat(Action.ofWireName(action)).as(operation.toString()).isPresent();
                needed.add(action);
            }
        }
        for (Action action : Action.values()) {
            assertThat(needed).contains(action.wireName());
        }
        // What the table does not list is nobody's to have.
        for (Role role : Role.builtIn()) {
            for (String method : List.of("GET", "POST", "PUT", "DELETE", "PATCH")) {
                assertThat(atlas.send(role, method, "/api/v1/unlisted", null).statusCode())
                        .isIn(404, 405);
            }
        }
    }

    private static List<Role> roles() {
        return Role.builtIn();
    }

    private static int status(Role role, String method, String pattern) throws Exception {
        String path =
                pattern.replace("{name}", "nobody-has-this")
                        .replace("{version}", "1")
                        .replace("{index}", "999999999")
                        .replaceAll("\\{[a-z]+}", "none");
        if (path.equals("/api/v1/events")) {
            HttpResponse<InputStream> stream = atlas.open(role, path);
            stream.body().close();
            return stream.statusCode();
        }
        return atlas.send(role, method.toUpperCase(java.util.Locale.ROOT), path, null).statusCode();
    }

    @Test
    void aKeyWorksFromIssueToRevocationAndNotAMomentLonger() throws Exception {
        atlas.json(
                Role.SECURITY_ADMIN,
                "POST",
                "/api/v1/grants",
                "{\"principal\":\"carol\",\"role\":\"auditor\"}");
        JsonNode issued =
                atlas.json(
                        Role.SECURITY_ADMIN,
                        "POST",
                        "/api/v1/keys",
                        "{\"principal\":\"carol\",\"roles\":[\"auditor\"],\"expires\":\"2h\"}");
        String key = issued.get("key").asText();
        String id = issued.get("id").asText();
        assertThat(atlas.send(key, "GET", "/api/v1/whoami", null).body())
                .contains("\"principal\":\"carol\"");

        atlas.json(Role.SECURITY_ADMIN, "DELETE", "/api/v1/keys/" + id, null);

        assertThat(atlas.send(key, "GET", "/api/v1/whoami", null).statusCode()).isEqualTo(401);
        JsonNode entries = entries("principal=bootstrap-security-admin&kind=admin.act&limit=1000");
        assertThat(entries.toString())
                .contains("key.issue")
                .contains("key.revoke")
                .doesNotContain(key);
    }

    @Test
    void aRotatedKeyEndsWithItsOverlap() throws Exception {
        grant("dan", "operator");
        JsonNode first = issue("dan", "operator");
        String path = "/api/v1/keys/" + first.get("id").asText() + "/rotate";
        JsonNode second = atlas.json(Role.SECURITY_ADMIN, "POST", path, "{\"overlap\":\"0s\"}");

        assertThat(whoami(first.get("key").asText())).isEqualTo(401);
        assertThat(whoami(second.get("key").asText())).isEqualTo(200);
        assertThat(atlas.send(Role.SECURITY_ADMIN, "POST", path, "{}").statusCode()).isEqualTo(409);
    }

    @Test
    void aRevokedGrantIsFeltAtOnce() throws Exception {
        grant("erin", "auditor");
        String key = issue("erin", "auditor").get("key").asText();
        assertThat(atlas.send(key, "GET", "/api/v1/journal/entries?limit=1", null).statusCode())
                .isEqualTo(200);

        atlas.json(
                Role.SECURITY_ADMIN, "DELETE", "/api/v1/grants?principal=erin&role=auditor", null);

        assertThat(atlas.send(key, "GET", "/api/v1/journal/entries?limit=1", null).statusCode())
                .isEqualTo(403);
    }

    private static void grant(String principal, String role) throws Exception {
        atlas.json(
                Role.SECURITY_ADMIN,
                "POST",
                "/api/v1/grants",
                "{\"principal\":\"" + principal + "\",\"role\":\"" + role + "\"}");
    }

    private static JsonNode issue(String principal, String role) throws Exception {
        return atlas.json(
                Role.SECURITY_ADMIN,
                "POST",
                "/api/v1/keys",
                "{\"principal\":\"" + principal + "\",\"roles\":[\"" + role + "\"]}");
    }

    private static int whoami(String key) throws Exception {
        return atlas.send(key, "GET", "/api/v1/whoami", null).statusCode();
    }

    @Test
    void deniedActsAndReadersOfTheJournalAreInTheJournal() throws Exception {
        HttpResponse<String> denied =
                atlas.send(
                        Role.CONSUMER,
                        "POST",
                        "/api/v1/keys",
                        "{\"principal\":\"mallory\",\"roles\":[\"auditor\"]}");
        assertThat(denied.statusCode()).isEqualTo(403);
        String request = denied.headers().firstValue("x-request-id").orElseThrow();

        JsonNode found = entries("request_id=" + request);
        assertThat(found).hasSize(1);
        assertThat(found.get(0).get("event").get("outcome").asText()).isEqualTo("denied");
        assertThat(entries("kind=journal.read&limit=5").toString()).contains(request);
    }

    private static JsonNode entries(String query) throws Exception {
        return atlas.json(Role.AUDITOR, "GET", "/api/v1/journal/entries?" + query, null)
                .get("entries");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"principal\":\"x\"}",
                "{\"principal\":\"x\",\"roles\":[\"king\"]}",
                "{\"principal\":\"x\",\"roles\":\"auditor\"}",
                "{\"principal\":\"x\",\"roles\":[\"auditor\"],\"role\":\"auditor\"}",
                "{\"principal\":\"x\",\"principal\":\"y\",\"roles\":[\"auditor\"]}",
                "{\"principal\":\"x\",\"roles\":[\"auditor\"],\"expires\":\"soon\"}",
                "{\"principal\":\"x y\",\"roles\":[\"auditor\"]}",
                "[]",
                "{",
                "null"
            })
    void aBodyThatDoesNotFitIsRefusedAndChangesNothing(String body) throws Exception {
        int before = atlas.trust.apiKeys().list().size();
        HttpResponse<String> response =
                atlas.send(Role.SECURITY_ADMIN, "POST", "/api/v1/keys", body);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("content-type"))
                .hasValue("application/problem+json");
        assertThat(atlas.trust.apiKeys().list()).hasSize(before);
    }

    @Test
    void unknownPathsAndMethodsAreProblemsForThoseWhoAreKnown() throws Exception {
        assertThat(atlas.send(Role.AUDITOR, "GET", "/api/v1/nothing", null).statusCode())
                .isEqualTo(404);
        HttpResponse<String> wrong = atlas.send(Role.AUDITOR, "DELETE", "/api/v1/whoami", null);
        assertThat(wrong.statusCode()).isEqualTo(405);
        assertThat(wrong.headers().firstValue("allow")).hasValue("GET");
    }

    @Test
    void liveActivityArrivesAsItHappens() throws Exception {
        try (InputStream stream = atlas.open(Role.OPERATOR, "/api/v1/events").body();
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            JsonNode act = issue("frank-live", "auditor");
            List<String> seen = new ArrayList<>();
            String line = lines.readLine();
            while (line != null && !line.contains(act.get("id").asText())) {
                seen.add(line);
                line = lines.readLine();
            }
            assertThat(line).startsWith("data: {\"index\":").contains("key.issue");
            assertThat(seen).anyMatch(text -> text.equals("event: admin.act"));
        }
    }

    @Test
    void theStoreFileTellsNothingAboutPeople() throws Exception {
        atlas.json(
                Role.SECURITY_ADMIN,
                "POST",
                "/api/v1/keys",
                "{\"principal\":\"planted-principal\",\"roles\":[\"auditor\"],"
                        + "\"note\":\"planted-note\",\"models\":[\"planted-model\"]}");
        grant("planted-principal", "auditor");
        Lying.in(folder.resolve("home"))
                .forEach((path, text) ->
                        assertThat(text.contains("planted-")).as(path.toString()).isFalse());
    }

    @Test
    void theJournalIsFoundToHoldWhileItIsWritten() throws Exception {
        JsonNode verdict = atlas.json(Role.AUDITOR, "POST", "/api/v1/journal/verify", "{}");
        assertThat(verdict.get("verdict").asText()).as(verdict.toString()).isEqualTo("holds");
    }

    @Test
    void aProofOfAnEntryIsGivenEvenBeforeItsCheckpoint() throws Exception {
        JsonNode newest = entries("limit=1").get(0);
        HttpResponse<String> proof =
                atlas.send(
                        Role.AUDITOR,
                        "GET",
                        "/api/v1/journal/entries/" + newest.get("index") + "/proof",
                        null);
        assertThat(proof.statusCode()).isEqualTo(200);
        assertThat(proof.body()).contains("c2sp.org/tlog-proof");
    }

    @Test
    void theDescriptionIsTheOneInTheRepository() throws IOException, InterruptedException {
        Path golden = Path.of("..", "schema", "openapi.json");
        String now = atlas.send(Role.AUDITOR, "GET", "/api/v1/openapi.json", null).body();
        if ("write".equals(System.getProperty("atlas.golden"))) {
            Files.createDirectories(golden.toAbsolutePath().normalize().getParent());
            Files.writeString(golden, now);
        }
        assertThat(now).isEqualTo(Files.readString(golden));
    }

    @Test
    void theReferencePageListsEveryRoute() throws Exception {
        Path page = Path.of("..", "docs", "reference", "control-plane-api.md");
        String text = Files.readString(page);
        String table = routeTable();
        String begin = "<!-- routes: generated -->\n";
        String end = "<!-- /routes -->\n";
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf(end);
        if ("write".equals(System.getProperty("atlas.golden"))) {
            Files.writeString(page, text.substring(0, from) + table + text.substring(to));
            return;
        }
        assertThat(text.substring(from, to)).isEqualTo(table);
    }

    private static String routeTable() throws Exception {
        JsonNode paths = atlas.json(Role.AUDITOR, "GET", "/api/v1/openapi.json", null).get("paths");
        StringBuilder table =
                new StringBuilder("| method and path | action | does |\n|---|---|---|\n");
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                table.append("| `")
                        .append(operation.getKey().toUpperCase(java.util.Locale.ROOT))
                        .append(' ')
                        .append(path.getKey())
                        .append("` | `")
                        .append(operation.getValue().get("x-atlas-action").asText())
                        .append("` | ")
                        .append(operation.getValue().get("summary").asText())
                        .append(" |\n");
            }
        }
        return table.toString();
    }

    @Test
    void metricsNeedACredentialAndAreOpenMetrics() throws Exception {
        HttpResponse<String> metrics = atlas.send(Role.OPERATOR, "GET", "/metrics", null);
        assertThat(metrics.statusCode()).isEqualTo(200);
        assertThat(metrics.body()).contains("# EOF");
    }
}
