package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.cli.Planes.Plane;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.token.ProofMaker;
import atlas.journal.JournalEntry;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short-lived tokens over real TLS on both planes: got, used, proved, taken back. */
class TokensTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

    @TempDir static Path temp;
    private static Planes planes;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        planes = new Planes(temp);
        client = planes.client();
    }

    @AfterAll
    static void readTheJournal() {
        try (Planes ending = planes) {
            List<String> facts = ending.closeAndRead().stream().map(JournalEntry::json).toList();
            assertThat(facts).anyMatch(fact -> fact.contains("\"kind\":\"token.issued\""));
            assertThat(facts).anyMatch(fact -> fact.contains("\"kind\":\"token.refused\""));
            assertThat(facts).as("no token in the journal").noneMatch(f -> f.contains("eyJ"));
        }
    }

    private static URI gateway(String path) {
        return planes.at(Plane.GATEWAY).resolve(path);
    }

    private static URI control(String path) {
        return planes.at(Plane.CONTROL).resolve(path);
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return client.send(request, BodyHandlers.ofString());
    }

    private static HttpRequest.Builder by(String credential, URI uri) {
        return HttpRequest.newBuilder(uri).header("authorization", "Bearer " + credential);
    }

    private static HttpRequest.Builder form(HttpRequest.Builder request, Map<String, String> form) {
        String body =
                form.entrySet().stream()
                        .map(e ->
                                e.getKey()
                                        + "="
                                        + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        return request.header("content-type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static JsonNode token(String credential, String audience) throws Exception {
        HttpResponse<String> answer =
                send(
                        form(
                                        by(credential, gateway("/oauth2/token")),
                                        Map.of("grant_type", EXCHANGE, "audience", audience))
                                .build());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("cache-control")).contains("no-store");
        return JSON.readTree(answer.body());
    }

    private static String gatewayToken(String credential) throws Exception {
        return token(credential, "gateway").path("access_token").asText();
    }

    private static int models(String credential) throws Exception {
        return send(by(credential, gateway("/v1/models")).build()).statusCode();
    }

    /** A key of its own, so that revoking it disturbs no other test. */
    private static JsonNode consumer(String principal) throws Exception {
        post("/api/v1/grants", Map.of("principal", principal, "role", "consumer", "models", ANY));
        return post(
                "/api/v1/keys",
                Map.of("principal", principal, "roles", List.of("consumer"), "models", ANY));
    }

    private static final List<String> ANY = List.of("*");

    private static JsonNode post(String path, Object body) throws Exception {
        HttpResponse<String> answer =
                send(
                        by(planes.key(Role.SECURITY_ADMIN), control(path))
                                .header("content-type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                JSON.writeValueAsString(body)))
                                .build());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return JSON.readTree(answer.body());
    }

    private static void delete(String path) throws Exception {
        HttpRequest request = by(planes.key(Role.SECURITY_ADMIN), control(path)).DELETE().build();
        assertThat(send(request).statusCode()).isEqualTo(200);
    }

    private static String id(String token) throws Exception {
        byte[] payload = java.util.Base64.getUrlDecoder().decode(token.split("\\.")[1]);
        return JSON.readTree(payload).path("jti").asText();
    }

    @Test
    void aKeyIsExchangedForATokenThatWorksAtItsOwnDoorOnly() throws Exception {
        JsonNode answer = token(planes.key(Role.CONSUMER), "gateway");
        String token = answer.path("access_token").asText();
        assertThat(answer.path("token_type").asText()).isEqualTo("Bearer");
        assertThat(answer.path("expires_in").asLong()).isBetween(590L, 600L);
        assertThat(models(token)).isEqualTo(200);
        assertThat(send(by(token, control("/api/v1/whoami")).build()).statusCode()).isEqualTo(401);

        String admin = token(planes.key(Role.AUDITOR), "control").path("access_token").asText();
        HttpResponse<String> whoami = send(by(admin, control("/api/v1/whoami")).build());
        assertThat(whoami.statusCode()).isEqualTo(200);
        assertThat(whoami.body()).contains("auditor").contains("atlas_token");
    }

    @Test
    void aStrangerIsAnsweredAsEverywhere() throws Exception {
        String everywhere = send(HttpRequest.newBuilder(gateway("/health")).build()).body();
        for (HttpRequest request :
                List.of(
                        HttpRequest.newBuilder(gateway("/oauth2/token")).build(),
                        form(HttpRequest.newBuilder(gateway("/oauth2/token")), Map.of("a", "b"))
                                .build(),
                        form(
                                        HttpRequest.newBuilder(gateway("/oauth2/token")),
                                        Map.of("subject_token", "x", "grant_type", EXCHANGE))
                                .build(),
                        form(
                                        HttpRequest.newBuilder(gateway("/oauth2/token"))
                                                .header("authorization", "Basic YTpi"),
                                        Map.of("grant_type", "client_credentials"))
                                .build(),
                        HttpRequest.newBuilder(gateway("/.well-known/jwks.json")).build(),
                        HttpRequest.newBuilder(gateway("/.well-known/oauth-authorization-server"))
                                .build())) {
            HttpResponse<String> answer = send(request);
            assertThat(answer.statusCode()).as("%s", request).isEqualTo(401);
            assertThat(answer.body()).isEqualTo(everywhere);
        }
    }

    @Test
    void whoIsKnownLearnsWhatIsWrongInTheWordsOfOAuth() throws Exception {
        HttpResponse<String> answer =
                send(
                        form(
                                        by(planes.key(Role.CONSUMER), gateway("/oauth2/token")),
                                        Map.of(
                                                "grant_type",
                                                EXCHANGE,
                                                "scope",
                                                "role:security_admin"))
                                .build());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(JSON.readTree(answer.body()).path("error").asText()).isEqualTo("invalid_scope");
        HttpResponse<String> get =
                send(by(planes.key(Role.CONSUMER), gateway("/oauth2/token")).build());
        assertThat(get.statusCode()).isEqualTo(405);
    }

    @Test
    void keysAndMetadataAreShownToWhoeverIsKnown() throws Exception {
        String key = planes.key(Role.CONSUMER);
        HttpResponse<String> metadata =
                send(by(key, gateway("/.well-known/oauth-authorization-server")).build());
        JsonNode said = JSON.readTree(metadata.body());
        assertThat(said.path("token_endpoint").asText())
                .isEqualTo(gateway("/oauth2/token").toString());
        URI keys = URI.create(said.path("jwks_uri").asText());
        JsonNode set = JSON.readTree(send(by(key, keys).build()).body());
        assertThat(set.path("keys").path(0).path("alg").asText()).isEqualTo("ES256");
        assertThat(set.toString()).doesNotContain("\"d\"");
        byte[] header = java.util.Base64.getUrlDecoder().decode(gatewayToken(key).split("\\.")[0]);
        assertThat(JSON.readTree(header).path("kid").asText())
                .isEqualTo(set.path("keys").path(0).path("kid").asText());
    }

    @Test
    void everyWayOfRevokingHoldsAtTheGatewayWhenTheAnswerIsHere() throws Exception {
        JsonNode mine = consumer("app-token");
        String key = mine.path("key").asText();
        String bystander = gatewayToken(planes.key(Role.CONSUMER));

        String one = gatewayToken(key);
        String other = gatewayToken(key);
        assertThat(models(one)).isEqualTo(200);
        post("/api/v1/revocations", Map.of("kind", "token", "id", id(one)));
        assertThat(models(one)).isEqualTo(401);
        assertThat(models(other)).isEqualTo(200);

        post("/api/v1/revocations", Map.of("kind", "grant", "id", "app-token", "role", "consumer"));
        assertThat(models(other)).isEqualTo(401);

        String third = gatewayToken(key);
        assertThat(models(third)).isEqualTo(200);
        delete("/api/v1/grants?principal=app-token&role=consumer");
        assertThat(models(third)).as("the role is gone").isEqualTo(401);

        String fourth = gatewayToken(key);
        delete("/api/v1/keys/" + mine.path("id").asText());
        assertThat(models(fourth)).as("the key is gone").isEqualTo(401);

        JsonNode next = consumer("app-token");
        String fifth = gatewayToken(next.path("key").asText());
        post(
                "/api/v1/revocations",
                Map.of("kind", "principal", "id", "app-token", "reason", "left"));
        assertThat(models(fifth)).isEqualTo(401);
        assertThat(models(next.path("key").asText())).as("issued before").isEqualTo(401);
        assertThat(models(bystander)).isEqualTo(200);
    }

    @Test
    void whatIsRevokedIsListedAndStated() throws Exception {
        String token = gatewayToken(consumer("app-listed").path("key").asText());
        post("/api/v1/revocations", Map.of("kind", "token", "id", id(token), "reason", "lost"));
        String auditor = planes.key(Role.AUDITOR);
        JsonNode list =
                JSON.readTree(send(by(auditor, control("/api/v1/revocations")).build()).body());
        assertThat(list.path("epoch").asLong()).isPositive();
        assertThat(list.path("revocations").toString()).contains(id(token)).contains("lost");
        JsonNode statement =
                JSON.readTree(
                        send(by(auditor, control("/api/v1/revocations/statement")).build()).body());
        byte[] payload =
                java.util.Base64.getUrlDecoder()
                        .decode(statement.path("statement").asText().split("\\.")[1]);
        assertThat(JSON.readTree(payload).path("epoch").asLong())
                .isGreaterThanOrEqualTo(list.path("epoch").asLong());
        HttpRequest consumer =
                by(planes.key(Role.CONSUMER), control("/api/v1/revocations")).build();
        assertThat(send(consumer).statusCode()).isEqualTo(403);
    }

    @Test
    void aTokenBoundByDpopNeedsAFreshProofWithANonceOfOurs() throws Exception {
        ProofMaker holder = new ProofMaker(Clock.systemUTC());
        HttpResponse<String> challenge = exchange(holder, Optional.empty());
        assertThat(challenge.statusCode()).isEqualTo(400);
        assertThat(JSON.readTree(challenge.body()).path("error").asText())
                .isEqualTo("use_dpop_nonce");
        Optional<String> nonce = challenge.headers().firstValue("dpop-nonce");
        assertThat(nonce).isPresent();
        JsonNode granted = JSON.readTree(exchange(holder, nonce).body());
        assertThat(granted.path("token_type").asText()).isEqualTo("DPoP");
        String token = granted.path("access_token").asText();
        String everywhere = send(HttpRequest.newBuilder(gateway("/health")).build()).body();

        String proof = proof(holder, "/v1/models", token, nonce);
        assertThat(bound(token, proof).statusCode()).isEqualTo(200);
        HttpResponse<String> replayed = bound(token, proof);
        assertThat(replayed.statusCode()).isEqualTo(401);
        assertThat(replayed.body()).isEqualTo(everywhere);
        HttpResponse<String> without =
                bound(token, proof(holder, "/v1/models", token, Optional.empty()));
        assertThat(without.statusCode()).isEqualTo(401);
        assertThat(without.body()).isEqualTo(everywhere);
        assertThat(without.headers().firstValue("dpop-nonce")).isPresent();
        assertThat(without.headers().firstValue("www-authenticate"))
                .hasValueSatisfying(v -> assertThat(v).contains("use_dpop_nonce"));
        assertThat(models(token)).as("stolen, as bearer").isEqualTo(401);
        ProofMaker thief = new ProofMaker(Clock.systemUTC());
        HttpResponse<String> stolen = bound(token, proof(thief, "/v1/models", token, nonce));
        assertThat(stolen.statusCode()).isEqualTo(401);
        assertThat(stolen.headers().firstValue("dpop-nonce")).isEmpty();
    }

    private static HttpResponse<String> exchange(ProofMaker holder, Optional<String> nonce)
            throws Exception {
        URI endpoint = gateway("/oauth2/token");
        return send(
                form(
                                by(planes.key(Role.CONSUMER), endpoint)
                                        .header(
                                                "dpop",
                                                holder.proof(
                                                        "POST", endpoint, Optional.empty(), nonce)),
                                Map.of("grant_type", EXCHANGE))
                        .build());
    }

    private static String proof(
            ProofMaker holder, String path, String token, Optional<String> nonce) {
        return holder.proof("GET", gateway(path), Optional.of(Sensitive.of(token)), nonce);
    }

    private static HttpResponse<String> bound(String token, String proof) throws Exception {
        return send(
                HttpRequest.newBuilder(gateway("/v1/models"))
                        .header("authorization", "DPoP " + token)
                        .header("dpop", proof)
                        .build());
    }

    @Test
    void whoeverIsSignedInGetsATokenAtTheControlPlane() throws Exception {
        HttpResponse<String> answer =
                send(
                        by(planes.key(Role.CONSUMER), control("/api/v1/tokens"))
                                .header("content-type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .build());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        String token = JSON.readTree(answer.body()).path("access_token").asText();
        assertThat(models(token)).isEqualTo(200);
    }

    @Test
    void aTokenOfASessionEndsWhenItsOwnerSignsOut() throws Exception {
        String key = consumer("app-session").path("key").asText();
        HttpResponse<String> in = send(page(by(key, control("/login/key")), "").build());
        assertThat(in.statusCode()).as(in.body()).isEqualTo(200);
        String cookie = in.headers().firstValue("set-cookie").orElseThrow().split(";")[0];
        HttpRequest show =
                HttpRequest.newBuilder(control("/login/session")).header("cookie", cookie).build();
        String csrf = JSON.readTree(send(show).body()).path("csrf_token").asText();
        HttpRequest ask =
                page(
                                HttpRequest.newBuilder(control("/api/v1/tokens"))
                                        .header("cookie", cookie)
                                        .header("x-csrf-token", csrf)
                                        .header("content-type", "application/json"),
                                "{}")
                        .build();
        HttpResponse<String> answer = send(ask);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        String token = JSON.readTree(answer.body()).path("access_token").asText();
        assertThat(models(token)).isEqualTo(200);
        HttpRequest out =
                page(
                                HttpRequest.newBuilder(control("/login/out"))
                                        .header("cookie", cookie)
                                        .header("x-csrf-token", csrf),
                                "")
                        .build();
        assertThat(send(out).statusCode()).isEqualTo(200);
        assertThat(models(token)).as("signed out").isEqualTo(401);
    }

    /** As our own page posts it. */
    private static HttpRequest.Builder page(HttpRequest.Builder request, String body) {
        URI base = planes.at(Plane.CONTROL);
        return request.header("origin", "https://" + base.getAuthority())
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    @Test
    void theCommandAsksTheControlPlaneForATokenOfItsOwn() throws Exception {
        Shell.Said said =
                Shell.run(
                        "--home",
                        temp.resolve("home").toString(),
                        "--control",
                        control("/").resolve("/").toString(),
                        "token",
                        "issue",
                        "--audience",
                        "control");
        assertThat(said.status()).as(said.err()).isZero();
        HttpResponse<String> keys = send(by(said.out().strip(), control("/api/v1/keys")).build());
        assertThat(keys.statusCode()).isEqualTo(200);
        assertThat(models(said.out().strip())).isEqualTo(401);
    }
}
