package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Role;
import atlas.identity.ApiKey;
import atlas.policy.Grant;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** API keys as administrators and their holders meet them. */
@Timeout(90)
class KeyApiTest {
    @TempDir Path folder;
    private Installation atlas;

    @BeforeEach
    void start() throws Exception {
        atlas = new Installation(folder.resolve("home"));
    }

    @AfterEach
    void stop() {
        atlas.close();
    }

    private JsonNode issue(String body) throws Exception {
        return atlas.json(Role.SECURITY_ADMIN, "POST", "/api/v1/keys", body);
    }

    private JsonNode listed(String id) throws Exception {
        for (JsonNode key :
                atlas.json(Role.SECURITY_ADMIN, "GET", "/api/v1/keys", null).get("keys")) {
            if (key.get("id").asText().equals(id)) {
                return key;
            }
        }
        throw new AssertionError("not listed: " + id);
    }

    @Test
    void aKeyIsIssuedWithItsLimitsAndListedWithThem() throws Exception {
        JsonNode issued =
                issue(
                        "{\"principal\":\"ci\",\"roles\":[\"auditor\"],\"expires\":\"300d\","
                                + "\"sources\":[\"10.0.0.0/8\",\"::ffff:192.0.2.0/120\"],"
                                + "\"tokens\":\"1000000/24h\",\"requests\":\"60/1m\"}");

        JsonNode key = listed(issued.get("id").asText());

        assertThat(key.get("sources").toString()).isEqualTo("[\"10.0.0.0/8\",\"192.0.2.0/24\"]");
        assertThat(key.get("tokens").asText()).isEqualTo("1000000/24h");
        assertThat(key.get("requests").asText()).isEqualTo("60/1m");
        assertThat(key.get("state").asText()).isEqualTo("active");
        Instant issuedAt = Instant.parse(key.get("issued").asText());
        assertThat(Instant.parse(key.get("rotate_by").asText()))
                .isEqualTo(issuedAt.plus(Duration.ofDays(90)));
        assertThat(key.get("ends")).isEqualTo(key.get("rotate_by"));
        assertThat(key.has("key")).isFalse();
    }

    @Test
    void limitsThatMakeNoSenseAreRefusedWithAHint() throws Exception {
        for (String[] bad :
                new String[][] {
                    {"\"sources\":[\"10.1.2.3/8\"]", "write `10.0.0.0/8`"},
                    {"\"sources\":[\"example.org\"]", "not a block of addresses"},
                    {"\"tokens\":\"many\"", "write it like `1000000/24h`"},
                    {"\"requests\":\"0/1m\"", "between 1 and"}
                }) {
            HttpResponse<String> refused =
                    atlas.send(
                            Role.SECURITY_ADMIN,
                            "POST",
                            "/api/v1/keys",
                            "{\"principal\":\"ci\",\"roles\":[\"auditor\"]," + bad[0] + "}");
            assertThat(refused.statusCode()).as(bad[0]).isEqualTo(400);
            assertThat(refused.body()).contains(bad[1]);
        }
    }

    @Test
    void aKeyUsedFromElsewhereIsAStrangersAndJournaled() throws Exception {
        JsonNode far =
                issue(
                        "{\"principal\":\"ci\",\"roles\":[\"auditor\"],"
                                + "\"sources\":[\"10.0.0.0/8\"]}");
        HttpResponse<String> stranger = atlas.send("nonsense", "GET", "/api/v1/whoami", null);
        HttpResponse<String> refused =
                atlas.send(far.get("key").asText(), "GET", "/api/v1/whoami", null);

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(withoutId(refused)).isEqualTo(withoutId(stranger));
        atlas.trust.journal().checkpointNow();
        assertThat(
                        atlas.json(
                                        Role.AUDITOR,
                                        "GET",
                                        "/api/v1/journal/entries?text=key_source",
                                        null)
                                .toString())
                .contains("key_source", far.get("id").asText());
    }

    @Test
    void anOverdueKeyTellsItsHolderAndShowsInListAndMetrics() throws Exception {
        JsonNode issued =
                issue("{\"principal\":\"old\",\"roles\":[\"auditor\"],\"expires\":\"200d\"}");
        grant("old");
        String id = issued.get("id").asText();
        String secret = issued.get("key").asText();
        age(id, Duration.ofDays(80));
        assertThat(listed(id).get("state").asText()).isEqualTo("due");
        assertThat(atlas.send(secret, "GET", "/api/v1/whoami", null).statusCode()).isEqualTo(200);

        age(id, Duration.ofDays(10));

        HttpResponse<String> holder = atlas.send(secret, "GET", "/api/v1/whoami", null);
        assertThat(holder.statusCode()).isEqualTo(401);
        assertThat(holder.body()).contains(id, "atlas key rotate " + id);
        String guess =
                secret.substring(0, 23)
                        + issue("{\"principal\":\"o\",\"roles\":[\"auditor\"]}")
                                .get("key")
                                .asText()
                                .substring(23);
        assertThat(atlas.send(guess, "GET", "/api/v1/whoami", null).body()).doesNotContain(id);
        assertThat(listed(id).get("state").asText()).isEqualTo("overdue");
        String metrics = atlas.send(Role.AUDITOR, "GET", "/metrics", null).body();
        assertThat(metrics).contains("atlas_keys_overdue 1.0", "atlas_keys_due 0.0");

        JsonNode next =
                atlas.json(
                        Role.SECURITY_ADMIN,
                        "POST",
                        "/api/v1/keys/" + id + "/rotate",
                        "{\"overlap\":\"24h\"}");
        String successor = next.get("key").asText();
        assertThat(atlas.send(successor, "GET", "/api/v1/whoami", null).statusCode())
                .isEqualTo(200);
        assertThat(atlas.send(secret, "GET", "/api/v1/whoami", null).body())
                .contains(next.get("id").asText());
    }

    private void grant(String auditor) {
        atlas.trust
                .grants()
                .put(new Grant(auditor, Role.AUDITOR, List.of(), "default", Optional.empty()));
    }

    private static String withoutId(HttpResponse<String> answer) {
        return answer.body().replaceAll("req_[a-z0-9]+", "req_");
    }

    /** Makes a key older than it is. */
    private void age(String id, Duration by) {
        ApiKey key = atlas.trust.keyStore().find(id).orElseThrow();
        atlas.trust
                .keyStore()
                .put(
                        new ApiKey(
                                key.id(),
                                key.principal(),
                                key.kind(),
                                key.tenant(),
                                key.roles(),
                                key.models(),
                                key.limits(),
                                key.issued().minus(by),
                                key.expires(),
                                key.revoked(),
                                key.replacedBy(),
                                key.lastUsed(),
                                key.note(),
                                key.hash()));
    }

    /** Reads live activity to its end. */
    private CompletableFuture<String> watching(String key) throws Exception {
        CompletableFuture<String> whole = new CompletableFuture<>();
        CompletableFuture<Void> first = new CompletableFuture<>();
        var stream = atlas.open(key, "/api/v1/events").body();
        Thread.ofVirtual()
                .start(() -> {
                    StringBuilder text = new StringBuilder();
                    try (BufferedReader in =
                            new BufferedReader(
                                    new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                        for (String line; (line = in.readLine()) != null; ) {
                            text.append(line).append('\n');
                            first.complete(null);
                        }
                        whole.complete(text.toString());
                    } catch (IOException e) {
                        whole.completeExceptionally(e);
                    }
                });
        first.get(20, TimeUnit.SECONDS);
        return whole;
    }

    @Test
    void aRevokedKeyEndsTheLiveActivityItWatches() throws Exception {
        JsonNode issued = issue("{\"principal\":\"eve\",\"roles\":[\"auditor\"]}");
        grant("eve");
        CompletableFuture<String> watched = watching(issued.get("key").asText());

        atlas.json(
                Role.SECURITY_ADMIN, "DELETE", "/api/v1/keys/" + issued.get("id").asText(), null);

        assertThat(watched.get(1, TimeUnit.SECONDS)).contains("event: ended");
    }

    @Test
    void aRevokedGrantEndsTheLiveActivityItLetIn() throws Exception {
        CompletableFuture<String> watched = watching(atlas.key(Role.AUDITOR));

        atlas.trust.grants().remove("bootstrap-auditor", Role.AUDITOR);

        assertThat(watched.get(1, TimeUnit.SECONDS)).contains("event: ended");
    }
}
