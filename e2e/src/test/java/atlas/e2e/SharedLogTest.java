package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A control plane and two gateways in processes of their own, over one log in PostgreSQL. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SharedLogTest {
    private Path temp;
    private Path store;
    private JournalDatabase database;
    private Serving control;
    private Serving first;
    private Serving second;
    private HttpClient client;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        temp = folder;
        store = Files.createDirectories(temp.resolve("store"));
        Running.Said schema = Running.run(temp.resolve("none"), "journal", "database-schema");
        assertThat(schema.status()).as(schema.err()).isZero();
        database =
                JournalDatabase.in(Files.createDirectories(temp.resolve("database")), schema.out());
        database.login("control", "atlas_journal_writer, atlas_journal_integrator");
        database.login("gw1", "atlas_journal_writer");
        database.login("gw2", "atlas_journal_writer");
        Path config =
                Files.writeString(
                        temp.resolve("control.yaml"),
                        "control:\n  listen-port: 0\n  internal-port: 0\n"
                                + database.section("control", "", store, temp));
        control = Serving.start(temp.resolve("control"), "control", "", "-c", config.toString());
        client = Running.client(control.ca());
        first = gateway("gw1");
        second = gateway("gw2");
    }

    @AfterAll
    void stop() {
        for (AutoCloseable one : new AutoCloseable[] {first, second, control, database}) {
            close(one);
        }
    }

    private static void close(AutoCloseable one) {
        if (one != null) {
            try {
                one.close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    private Serving gateway(String name) throws Exception {
        String vkey = Files.readString(store.resolve("verifier.vkey")).strip();
        Path config =
                Files.writeString(
                        temp.resolve(name + ".yaml"),
                        """
                        gateway:
                          listen-port: 0
                          nodes:
                            - name: n1
                              host: localhost
                              port: 9
                              spiffe-id: spiffe://atlas.internal/node/n1
                        """
                                + database.section(name, vkey, store, temp));
        Running.Said token =
                Running.run(
                        control.home(), "node", "join-token", "--role", "gateway", "--name", name);
        assertThat(token.status()).as(token.err()).isZero();
        return Serving.start(
                temp.resolve(name), "gateway", token.out(), "--join", "-", "-c", config.toString());
    }

    private String key(String role) throws IOException {
        return Running.JSON
                .readTree(control.home().resolve("bootstrap.json").toFile())
                .path(role)
                .path("key")
                .asText();
    }

    /** Asks for a model there is none of: the refusal is recorded before it is given. */
    private HttpResponse<String> ask(Serving gateway) throws Exception {
        String body =
                Running.JSON.writeValueAsString(
                        Map.of(
                                "model",
                                "no-such-model",
                                "messages",
                                List.of(Map.of("role", "user", "content", "hi"))));
        return client.send(
                Running.request(gateway.at("gateway", "/v1/chat/completions"), key("consumer"))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode control(String method, String path, String role) throws Exception {
        HttpResponse<String> answer =
                client.send(
                        Running.request(control.at("control", path), key(role))
                                .header("content-type", "application/json")
                                .method(
                                        method,
                                        method.equals("GET")
                                                ? HttpRequest.BodyPublishers.noBody()
                                                : HttpRequest.BodyPublishers.ofString("{}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Running.JSON.readTree(answer.body());
    }

    @Test
    void gatewaysRecordIntoOneLogThatTheControlPlaneSignsAndChecks() throws Exception {
        for (Serving gateway : List.of(first, second, first)) {
            HttpResponse<String> answer = ask(gateway);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
        }
        JsonNode verdict = control("POST", "/api/v1/journal/verify", "auditor");
        assertThat(verdict.path("verdict").asText()).as(verdict.toString()).isEqualTo("holds");
        assertThat(verdict.path("notes").toString()).contains("the log is shared");
        assertThat(database.emitters()).isGreaterThanOrEqualTo(3);

        // Its own entries are read, those of the gateways are there and sealed.
        Set<String> kinds = new HashSet<>();
        control("GET", "/api/v1/journal/entries?limit=1000", "auditor")
                .path("entries")
                .forEach(entry -> kinds.add(entry.path("kind").asText()));
        assertThat(kinds).contains("log.chartered", "process.started", "sealed");

        Running.Said offline =
                Running.run(temp.resolve("none"), "journal", "verify", "--dir", store.toString());
        assertThat(offline.status()).as(offline.out() + offline.err()).isZero();
    }

    @Test
    void aGatewayThatIsKilledGoesOnInTheSameLog() throws Exception {
        assertThat(ask(second).statusCode()).isEqualTo(404);
        second.kill();
        Path config = temp.resolve("gw2.yaml");
        second = Serving.start(second.home(), "gateway", "", "-c", config.toString());

        assertThat(ask(second).statusCode()).isEqualTo(404);
        JsonNode verdict = control("POST", "/api/v1/journal/verify", "auditor");
        assertThat(verdict.path("verdict").asText()).as(verdict.toString()).isEqualTo("holds");
        assertThat(control("GET", "/api/v1/journal/health", "operator").path("gaps").asLong())
                .isZero();
    }
}
