package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.peers.SvidAuthority;
import atlas.peers.WorkloadApiAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes whose identities come from the SPIFFE Workload API alone: an agent's socket for each,
 * no key file, no join token.
 */
@Timeout(240)
class SpiffeFleetTest {
    private static final String DOMAIN = "prod.example";
    private static final String QUESTION =
            """
            {"model": "atlas-demo", "max_tokens": 4,
             "messages": [{"role": "user", "content": "hi"}]}
            """;

    @TempDir Path temp;

    private SvidAuthority authority;
    private final Map<String, WorkloadApiAgent> agents = new LinkedHashMap<>();

    @BeforeEach
    void authority() throws Exception {
        authority = new SvidAuthority(temp.resolve("authority"), DOMAIN);
    }

    @AfterEach
    void close() {
        agents.values().forEach(WorkloadApiAgent::close);
    }

    private byte[] svids(String... paths) throws Exception {
        Map<String, WorkloadApiAgent.Svid> svids = new HashMap<>();
        for (String path : paths) {
            svids.put("spiffe://" + DOMAIN + path, authority.issue(path));
        }
        return WorkloadApiAgent.message(svids, Map.of());
    }

    private Path config(String process, String rest, String... paths) throws Exception {
        Path socket = temp.resolve(process + ".sock");
        agents.put(process, new WorkloadApiAgent(socket, svids(paths)));
        return Files.writeString(
                temp.resolve(process + ".yaml"),
                """
                identity:
                  workload-api:
                    socket: %s
                    trust-domain: %s
                """
                                .formatted(socket, DOMAIN)
                        + rest);
    }

    private Serving serve(String role, Path config) throws Exception {
        return Serving.start(temp.resolve(role), role, "", "-c", config.toString());
    }

    private HttpResponse<String> ask(HttpClient client, Serving gateway, Path control)
            throws Exception {
        JsonNode keys = Running.JSON.readTree(control.resolve("bootstrap.json").toFile());
        return client.send(
                Running.request(
                                gateway.at("gateway", "/v1/chat/completions"),
                                keys.at("/consumer/key").asText())
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(QUESTION))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String link(Serving control, String name) {
        return "link:\n  control: localhost:%d\n  name: %s\n".formatted(control.port("link"), name);
    }

    @Test
    void threeProcessesMeetByWhatTheirAgentsSayAndPartWhenOneIsTakenBack() throws Exception {
        String admit =
                """
                control:
                  listen-port: 0
                  internal-port: 0
                  admit:
                    - {spiffe-id: "spiffe://prod.example/gateway/*", server-names: [localhost]}
                    - {spiffe-id: "spiffe://prod.example/node/*", server-names: []}
                """;
        try (Serving control = serve("control", config("control", admit, "/control"));
                Serving node =
                        serve(
                                "node",
                                config(
                                        "node",
                                        "node: {listen-port: 0}\n" + link(control, "n1"),
                                        "/node/n1"));
                Serving gateway =
                        serve(
                                "gateway",
                                config(
                                        "gateway",
                                        gateway(node) + link(control, "g1"),
                                        "/gateway/g1"))) {
            HttpClient client = Running.client(control.ca());
            HttpResponse<String> first = ask(client, gateway, control.home());
            assertThat(first.statusCode()).as(first.body()).isEqualTo(200);

            agent("node").push(svids("/node/n1"));
            agent("gateway").push(svids("/gateway/g1"));
            agent("control").push(svids("/control"));
            assertThat(ask(client, gateway, control.home()).statusCode()).isEqualTo(200);

            // The agent takes the gateway's identity back: it trusts nobody, and says it cannot.
            agent("gateway").deny();
            HttpResponse<String> answer;
            do {
                answer = ask(client, gateway, control.home());
                assertThat(answer.statusCode()).as(answer.body()).isIn(200, 502, 503);
            } while (answer.statusCode() == 200);

            agent("gateway").push(svids("/gateway/g1"));
            do {
                answer = ask(client, gateway, control.home());
                assertThat(answer.statusCode()).as(answer.body()).isIn(200, 502, 503);
            } while (answer.statusCode() != 200);
        }
    }

    private static String gateway(Serving node) {
        return """
        gateway:
          listen-port: 0
          nodes:
            - name: n1
              host: localhost
              port: %d
              spiffe-id: spiffe://prod.example/node/n1
        """
                .formatted(node.port("node"));
    }

    private WorkloadApiAgent agent(String process) {
        return Optional.ofNullable(agents.get(process)).orElseThrow();
    }

    @Test
    void aWholeInstallationTakesItsIdentitiesFromOneAgent() throws Exception {
        List<String> paths = List.of("/gateway", "/node", "/control");
        Path config = config("up", "", paths.toArray(String[]::new));
        try (Running atlas = Running.up(temp.resolve("up"), "--config", config.toString())) {
            assertThat(agent("up").calls()).isPositive();
            assertThat(atlas.chat(atlas.key("consumer"), "hi").statusCode()).isEqualTo(200);
            agent("up").push(svids(paths.toArray(String[]::new)));
            assertThat(atlas.chat(atlas.key("consumer"), "hi").statusCode()).isEqualTo(200);
        }
    }
}
