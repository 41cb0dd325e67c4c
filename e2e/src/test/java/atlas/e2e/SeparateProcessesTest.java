package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Control plane, gateway and node as three processes over three homes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeparateProcessesTest {
    private static final Duration MAX_AGE = Duration.ofSeconds(10);

    private Path temp;
    private Serving control;
    private Serving node;
    private Serving gateway;
    private HttpClient client;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        temp = folder;
        Path config = Files.writeString(temp.resolve("control.yaml"), control(0, 0));
        control = Serving.start(temp.resolve("control"), "control", "", "-c", config.toString());
        client = Running.client(control.ca());
        node = Serving.start(temp.resolve("node"), "node", token("node", "n1"), "--join", "-");
        gateway =
                Serving.start(
                        temp.resolve("gateway"),
                        "gateway",
                        token("gateway", "g1"),
                        "--join",
                        "-",
                        "-c",
                        gatewayConfig("gateway.yaml").toString());
    }

    @AfterAll
    void stop() {
        for (Serving one : new Serving[] {gateway, node, control}) {
            if (one != null) {
                one.close();
            }
        }
    }

    private static String control(int port, int internal) {
        return "control:\n  listen-port: " + port + "\n  internal-port: " + internal + "\n";
    }

    private Path gatewayConfig(String name) throws IOException {
        return Files.writeString(
                temp.resolve(name),
                """
                gateway:
                  listen-port: 0
                  nodes:
                    - name: n1
                      host: localhost
                      port: %d
                      spiffe-id: spiffe://atlas.internal/node/n1
                link:
                  max-age: %ds
                """
                        .formatted(node.port("node"), MAX_AGE.toSeconds()));
    }

    private String token(String role, String name) throws Exception {
        Running.Said said =
                Running.run(control.home(), "node", "join-token", "--role", role, "--name", name);
        assertThat(said.status()).as(said.err()).isZero();
        return said.out();
    }

    private String key(String role) throws IOException {
        return Running.JSON
                .readTree(control.home().resolve("bootstrap.json").toFile())
                .path(role)
                .path("key")
                .asText();
    }

    private int ask(Serving of, String key) throws Exception {
        return client.send(
                        Running.request(of.at("gateway", "/v1/models"), key).GET().build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    private JsonNode issued(String principal) throws Exception {
        for (List<String> command :
                List.of(
                        List.of(
                                "role",
                                "grant",
                                "--principal",
                                principal,
                                "--role",
                                "consumer",
                                "--model",
                                "*"),
                        List.of(
                                "--output",
                                "json",
                                "key",
                                "issue",
                                "--principal",
                                principal,
                                "--role",
                                "consumer",
                                "--model",
                                "*"))) {
            Running.Said said = Running.run(control.home(), command.toArray(String[]::new));
            assertThat(said.status()).as(said.err()).isZero();
            if (command.contains("issue")) {
                return said.json();
            }
        }
        throw new AssertionError("not reached");
    }

    @Test
    void noneOfThemListensInTheClear() throws Exception {
        Set<Integer> ports = new TreeSet<>(Set.of(gateway.port("gateway"), node.port("node")));
        for (Serving one : List.of(control, node, gateway)) {
            ports.addAll(Ports.of(one.pid()));
        }
        for (int port : ports) {
            Ports.assertTlsOnly(port);
        }
    }

    @Test
    void anInferenceGoesThroughAllThreeAndIsInTheGatewaysJournal() throws Exception {
        HttpResponse<String> answer =
                client.send(
                        Running.request(
                                        gateway.at("gateway", "/v1/chat/completions"),
                                        key("consumer"))
                                .header("content-type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                Running.JSON.writeValueAsString(
                                                        Map.of(
                                                                "model",
                                                                "atlas-demo",
                                                                "max_tokens",
                                                                20,
                                                                "messages",
                                                                List.of(
                                                                        Map.of(
                                                                                "role", "user",
                                                                                "content",
                                                                                "hi"))))))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("atlas-journal-entry")).isPresent();
        for (Serving of : List.of(gateway, node)) {
            Running.Said verified = Running.run(of.home(), "journal", "verify");
            assertThat(verified.status()).as(verified.out() + verified.err()).isZero();
        }
        assertThat(ask(gateway, "")).isEqualTo(401);
    }

    @Test
    void aKeyRevokedAtTheControlPlaneIsRefusedAtTheGatewayWithinASecond() throws Exception {
        JsonNode key = issued("leaver");
        String text = key.path("key").asText();
        String id = key.path("id").asText();
        assertThat(within(Duration.ofSeconds(1), 200, text)).isTrue();

        revoke(id);
        assertThat(within(Duration.ofSeconds(1), 401, text)).isTrue();
    }

    private void revoke(String id) throws Exception {
        int revoked =
                client.send(
                                Running.request(
                                                control.at("control", "/api/v1/keys/" + id),
                                                key("security_admin"))
                                        .DELETE()
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .statusCode();
        assertThat(revoked).isEqualTo(200);
    }

    private HttpResponse<String> exchange(String key) throws Exception {
        return client.send(
                Running.request(gateway.at("gateway", "/oauth2/token"), key)
                        .header("content-type", "application/x-www-form-urlencoded")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode shown(String path, String key) throws Exception {
        HttpResponse<String> answer =
                client.send(
                        Running.request(gateway.at("gateway", path), key).GET().build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Running.JSON.readTree(answer.body());
    }

    @Test
    void aTokenOrderedAtTheGatewayIsSignedByTheControlPlaneAndEndsWithItsKey() throws Exception {
        JsonNode key = issued("exchanger");
        String text = key.path("key").asText();
        assertThat(within(Duration.ofSeconds(1), 200, text)).isTrue();

        HttpResponse<String> answer = exchange(text);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        String token = Running.JSON.readTree(answer.body()).path("access_token").asText();
        assertThat(ask(gateway, token)).isEqualTo(200);
        assertThat(exchange("atlas_nobody").statusCode()).isEqualTo(401);

        JsonNode metadata = shown("/.well-known/oauth-authorization-server", token);
        assertThat(metadata.path("issuer").asText()).isEqualTo("https://atlas.internal");
        assertThat(metadata.path("token_endpoint").asText())
                .isEqualTo(gateway.at("gateway", "/oauth2/token").toString());
        String signer =
                Running.JSON
                        .readTree(Base64.getUrlDecoder().decode(token.split("\\.", 2)[0]))
                        .path("kid")
                        .asText();
        assertThat(shown("/.well-known/jwks.json", token).path("keys").findValuesAsText("kid"))
                .contains(signer);

        revoke(key.path("id").asText());
        assertThat(within(Duration.ofSeconds(1), 401, token)).isTrue();
    }

    /** Asks until the answer has this status; false when it took longer. */
    private boolean within(Duration patience, int status, String key) throws Exception {
        long end = System.nanoTime() + patience.toNanos();
        do {
            if (ask(gateway, key) == status) {
                return true;
            }
        } while (System.nanoTime() < end);
        return false;
    }

    @Test
    void withoutTheControlPlaneKeysHoldForTheirTimeThenAllIs503AndItHealsByItself()
            throws Exception {
        int port = control.port("control");
        int internal = control.port("link");
        String valid = key("consumer");
        assertThat(ask(gateway, valid)).isEqualTo(200);
        control.kill();
        assertThat(exchange(valid).statusCode()).as("an exchange that nobody signs").isEqualTo(503);
        long end = System.nanoTime() + MAX_AGE.plusSeconds(10).toNanos();
        int served = 0;
        int status;
        do {
            status = ask(gateway, valid);
            assertThat(status).isIn(200, 503);
            served += status == 200 ? 1 : 0;
        } while (status != 503 && System.nanoTime() < end);

        assertThat(served).as("answers without a control plane").isPositive();
        assertThat(status).isEqualTo(503);

        Path again = Files.writeString(temp.resolve("again.yaml"), control(port, internal));
        control = Serving.start(control.home(), "control", "", "-c", again.toString());
        assertThat(within(Duration.ofSeconds(10), 200, valid)).isTrue();
        assertThat(exchange(valid).statusCode()).isEqualTo(200);
    }

    @Test
    void withoutACertificateOfOursTheInnerDoorIsShut() {
        assertThatThrownBy(() ->
                        client.send(
                                Running.request(
                                                control.at("link", "/link/v1/state"),
                                                key("security_admin"))
                                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aNodeOrGatewayStartsAgainWithoutAToken() throws Exception {
        Path home = temp.resolve("second");
        Path config = gatewayConfig("second.yaml");
        try (Serving first =
                Serving.start(
                        home,
                        "gateway",
                        token("gateway", "g2"),
                        "--join",
                        "-",
                        "-c",
                        config.toString())) {
            assertThat(ask(first, key("consumer"))).isEqualTo(200);
        }
        try (Serving again = Serving.start(home, "gateway", "", "-c", config.toString())) {
            assertThat(ask(again, key("consumer"))).isEqualTo(200);
            Running.Said removed = Running.run(control.home(), "node", "remove", "gateway", "g2");
            assertThat(removed.status()).as(removed.err()).isZero();
            long end = System.nanoTime() + MAX_AGE.plusSeconds(10).toNanos();
            int status;
            do {
                status = ask(again, key("consumer"));
            } while (status == 200 && System.nanoTime() < end);
            assertThat(status).as("a gateway that was removed").isEqualTo(503);
        }
    }
}
