package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The policy file over the API: put, refused, in force at once, explained, recorded, kept. */
class PolicyApiTest {
    private static final String POLICIES = "/api/v1/policies";
    private static final String NO_CHANGES =
            """
            @id("no-alert-acks")
            forbid (principal, action == Atlas::Action::"alert.ack", resource)
            when { context.risk == "normal" };
            @id("help")
            permit (principal in Atlas::Role::"help-desk",
              action in [Atlas::Action::"status.read", Atlas::Action::"key.list"], resource)
            when { context.credential.kind == "api_key" };
            """;

    @TempDir private Path home;
    private Installation atlas;

    @BeforeEach
    void start() throws Exception {
        atlas = new Installation(home);
    }

    @AfterEach
    void stop() {
        atlas.close();
    }

    private HttpResponse<String> put(Role role, String file) throws Exception {
        return atlas.put(role, POLICIES, file.getBytes(StandardCharsets.UTF_8));
    }

    private JsonNode current() throws Exception {
        return atlas.json(Role.SECURITY_ADMIN, "GET", POLICIES, null);
    }

    private JsonNode acts(String query) throws Exception {
        return atlas.json(
                        Role.AUDITOR,
                        "GET",
                        "/api/v1/journal/entries?kind=admin.act&limit=100&" + query,
                        null)
                .get("entries");
    }

    @Test
    void aFileIsInForceWhenThePutReturnsAndIsRecordedWithWhatWasBefore() throws Exception {
        assertThat(current().get("version").asText()).isEmpty();
        HttpResponse<String> put = put(Role.SECURITY_ADMIN, NO_CHANGES);
        assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
        JsonNode now = current();
        String version = now.get("version").asText();
        assertThat(version).hasSize(32);
        assertThat(now.get("source").asText()).isEqualTo("api");
        assertThat(now.get("policies")).hasSize(2);
        assertThat(now.get("roles").get("help-desk").toString()).contains("key.list");
        assertThat(now.get("text").asText()).isEqualTo(NO_CHANGES);
        assertThat(atlas.send(Role.OPERATOR, "POST", "/api/v1/alerts/none/ack", null).statusCode())
                .isEqualTo(403);
        String acts = acts("principal=bootstrap-security-admin").toString();
        assertThat(acts).contains("policy.write").contains(version);
        assertThat(acts("principal=bootstrap-operator").toString())
                .contains("forbidden by `no-alert-acks`")
                .contains("policy-file/" + version + "#no-alert-acks");
        put(Role.SECURITY_ADMIN, "");
        assertThat(atlas.send(Role.OPERATOR, "POST", "/api/v1/alerts/none/ack", null).statusCode())
                .isEqualTo(404);
        assertThat(acts("principal=bootstrap-security-admin").toString())
                .contains("{\\\"version\\\":\\\"" + version + "\\\"}");
    }

    @Test
    void aBrokenFileIsRefusedRecordedAndShownAndTheLastGoodOneStays() throws Exception {
        put(Role.SECURITY_ADMIN, NO_CHANGES);
        String version = current().get("version").asText();
        HttpResponse<String> broken =
                put(
                        Role.SECURITY_ADMIN,
                        "@id(\"x\")\nforbid (principal, action, resource) when { context.rsk };");
        assertThat(broken.statusCode()).isEqualTo(400);
        assertThat(Installation.JSON.readTree(broken.body()).get("detail").asText())
                .startsWith("2:")
                .contains("did you mean");
        JsonNode now = current();
        assertThat(now.get("version").asText()).isEqualTo(version);
        JsonNode problem = now.get("refused").get("problems").get(0);
        assertThat(problem.get("line").asInt()).isEqualTo(2);
        assertThat(problem.get("policy").asText()).isEqualTo("x");
        assertThat(
                        atlas.json(Role.SECURITY_ADMIN, "GET", "/api/v1/status", null)
                                .get("warnings")
                                .toString())
                .contains("a policy file was refused");
        assertThat(acts("principal=bootstrap-security-admin").toString()).contains("\"refused\"");
    }

    @Test
    void onlyTheSecurityAdministratorPutsPolicies() throws Exception {
        for (Role role : Role.builtIn()) {
            if (!role.equals(Role.SECURITY_ADMIN)) {
                assertThat(put(role, "").statusCode()).as("%s", role).isEqualTo(403);
            }
        }
        assertThat(atlas.send((String) null, "PUT", POLICIES, "").statusCode()).isEqualTo(401);
    }

    @Test
    void nobodyLocksThemselvesOut() throws Exception {
        HttpResponse<String> response =
                put(Role.SECURITY_ADMIN, "@id(\"nothing\") forbid (principal, action, resource);");
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("keep you from changing it again");
        assertThat(current().get("version").asText()).isEmpty();
    }

    @Test
    void customRolesAreGivenOnceAFileNamesThemAndCannotBeCombinedToCheckOneself() throws Exception {
        String grant = "{\"principal\":\"hana\",\"role\":\"help-desk\"}";
        assertThat(atlas.send(Role.SECURITY_ADMIN, "POST", "/api/v1/grants", grant).statusCode())
                .isEqualTo(400);
        put(
                Role.SECURITY_ADMIN,
                NO_CHANGES
                        + """
                        @id("release") permit (principal in Atlas::Role::"releaser",
                          action == Atlas::Action::"model.deploy", resource);
                        """);
        atlas.json(Role.SECURITY_ADMIN, "POST", "/api/v1/grants", grant);
        String key =
                atlas.json(
                                Role.SECURITY_ADMIN,
                                "POST",
                                "/api/v1/keys",
                                "{\"principal\":\"hana\",\"roles\":[\"help-desk\"]}")
                        .get("key")
                        .asText();
        assertThat(atlas.send(key, "GET", "/api/v1/keys", null).statusCode()).isEqualTo(200);
        assertThat(atlas.send(key, "GET", "/api/v1/grants", null).statusCode()).isEqualTo(403);

        atlas.json(
                Role.SECURITY_ADMIN,
                "POST",
                "/api/v1/grants",
                "{\"principal\":\"mia\",\"role\":\"model_admin\"}");
        HttpResponse<String> both =
                atlas.send(
                        Role.SECURITY_ADMIN,
                        "POST",
                        "/api/v1/grants",
                        "{\"principal\":\"mia\",\"role\":\"releaser\"}");
        assertThat(both.statusCode()).isEqualTo(409);
        assertThat(both.body()).contains("does not deploy it");

        // A role that lost its meaning can still be taken away.
        put(Role.SECURITY_ADMIN, "");
        assertThat(atlas.send(key, "GET", "/api/v1/keys", null).statusCode()).isEqualTo(403);
        assertThat(
                        atlas.send(
                                        Role.SECURITY_ADMIN,
                                        "DELETE",
                                        "/api/v1/grants?principal=hana&role=help-desk",
                                        null)
                                .statusCode())
                .isEqualTo(200);
    }

    @Test
    void explainsWithSupposedFacts() throws Exception {
        put(
                Role.SECURITY_ADMIN,
                """
                @id("short") forbid (principal, action == Atlas::Action::"model.infer", resource)
                unless { context.request has max_tokens && context.request.max_tokens <= 100 };
                """);
        String ask =
                POLICIES
                        + "/explain?principal=bootstrap-consumer&action=model.infer&resource=model:m";
        JsonNode unknown = atlas.json(Role.AUDITOR, "GET", ask, null);
        assertThat(unknown.get("allowed").asBoolean()).isFalse();
        assertThat(unknown.get("reason").asText()).contains("nobody knows");
        JsonNode yes = atlas.json(Role.AUDITOR, "GET", ask + context(50), null);
        assertThat(yes.get("allowed").asBoolean()).as(yes.toString()).isTrue();
        JsonNode no = atlas.json(Role.AUDITOR, "GET", ask + context(500), null);
        assertThat(no.get("policies").toString()).isEqualTo("[\"short\"]");
        assertThat(no.get("missing").get(0).asText())
                .contains("line 1")
                .contains("context.request.max_tokens = 500");
        assertThat(
                        atlas.send(
                                        Role.AUDITOR,
                                        "GET",
                                        ask + "&context=" + encoded("{\"max_tokens\":5}"),
                                        null)
                                .statusCode())
                .isEqualTo(400);
    }

    private static String context(int tokens) {
        return "&context=" + encoded("{\"request.max_tokens\":" + tokens + "}");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Test
    void whatWasPutIsInForceAfterARestartAndLiesSealedMeanwhile() throws Exception {
        put(Role.SECURITY_ADMIN, NO_CHANGES);
        String version = current().get("version").asText();
        atlas.close();
        byte[] kept = java.nio.file.Files.readAllBytes(home.resolve("policies.sealed"));
        assertThat(new String(kept, StandardCharsets.ISO_8859_1)).doesNotContain("alert.ack");
        atlas = new Installation(home);
        assertThat(current().get("version").asText()).isEqualTo(version);
        assertThat(atlas.send(Role.OPERATOR, "POST", "/api/v1/alerts/none/ack", null).statusCode())
                .isEqualTo(403);
    }

    @Test
    void askingAboutAnotherKindOfThingIsTheCallersMistake() throws Exception {
        for (String resource : List.of("spaceship:x", "model:", ":x", "role:x", "model::")) {
            int status =
                    atlas.send(
                                    Role.SECURITY_ADMIN,
                                    "GET",
                                    "/api/v1/policies/explain?principal=p&action=model.infer"
                                            + "&resource="
                                            + resource,
                                    null)
                            .statusCode();
            assertThat(status).as(resource).isIn(200, 400);
        }
    }
}
