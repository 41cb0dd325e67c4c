package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.peers.SvidAuthority;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three served roles that know each other by SVIDs of their own: nobody joins with a token. */
@Timeout(240)
class ServedSvidTest {
    private static final Clock CLOCK = Clock.systemUTC();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HEALTH = "health:\n  port: 0\n";
    private static final String ADMIT =
            """
            control:
              listen-port: 0
              internal-port: 0
              admit:
                - spiffe-id: spiffe://prod.example/gateway/eu-*
                  server-names: [llm.prod.example]
                - {spiffe-id: "spiffe://prod.example/node/*", server-names: []}
            """;

    @TempDir Path temp;

    private SvidAuthority ours;

    @BeforeEach
    void authority() throws Exception {
        ours = new SvidAuthority(temp.resolve("authority"), "prod.example");
    }

    private Settings settings(String process, String path, String rest) throws Exception {
        ours.write(temp, process, path);
        return file(
                process,
                """
                identity:
                  svid-files:
                    - process: %1$s
                      certificate: %1$s.pem
                      key: %1$s.key
                      bundle: bundle.pem
                """
                                .formatted(process)
                        + rest);
    }

    private Settings file(String name, String text) throws Exception {
        return new Settings(Optional.of(Files.writeString(temp.resolve(name + ".yaml"), text)));
    }

    private ServedControl control(String rest) throws Exception {
        return ServedControl.start(
                temp.resolve("control"),
                settings("control", "/control", rest),
                Path.of("..", "models"),
                CLOCK,
                _ -> {});
    }

    private static String link(ServedControl control, String name) {
        return "link:\n  control: localhost:%d\n  name: %s\n"
                .formatted(port(control, "link"), name);
    }

    private static int port(Served of, String role) {
        return Optional.ofNullable(of.listening().get(role)).orElseThrow().getPort();
    }

    private Enlisted enlist(String role, String name, String rest) throws Exception {
        return Enlisted.open(
                temp.resolve(name),
                role,
                settings(role, "/" + role + "/" + name, rest),
                Optional.empty());
    }

    private HttpClient client() throws Exception {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        try (InputStream in = Files.newInputStream(temp.resolve("control/tls/ca.pem"))) {
            anchors.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private HttpRequest.Builder request(Served of, String role, String path, String as)
            throws Exception {
        JsonNode keys = JSON.readTree(temp.resolve("control/bootstrap.json").toFile());
        return HttpRequest.newBuilder(URI.create("https://localhost:" + port(of, role) + path))
                .header("authorization", "Bearer " + keys.at("/" + as + "/key").asText());
    }

    private int ask(HttpClient client, ServedGateway gateway) throws Exception {
        String question =
                """
                {"model": "atlas-demo", "max_tokens": 2,
                 "messages": [{"role": "user", "content": "hi"}]}
                """;
        HttpResponse<String> answer =
                client.send(
                        request(gateway, "gateway", "/v1/chat/completions", "consumer")
                                .header("content-type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(question))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        return answer.statusCode();
    }

    private JsonNode workloads(HttpClient client, ServedControl control) throws Exception {
        HttpResponse<String> answer =
                client.send(
                        request(control, "control", "/api/v1/workloads", "security_admin").build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path("workloads");
    }

    @Test
    void aFleetWithSvidsAnswersWithoutAJoinTokenAndFollowsTheirRotation() throws Exception {
        try (ServedControl control = control(ADMIT + HEALTH);
                HttpClient client = client();
                Enlisted forNode = enlist("node", "n1", link(control, "n1"));
                ServedNode node = ServedNode.start(forNode, nodeSettings(), CLOCK, _ -> {})) {
            String toNode =
                    """
                    gateway:
                      listen-port: 0
                      nodes:
                        - name: n1
                          host: localhost
                          port: %d
                          spiffe-id: spiffe://prod.example/node/n1
                    """
                            .formatted(port(node, "node"));
            String rest = toNode + link(control, "eu-1") + HEALTH;
            try (Enlisted forGateway = enlist("gateway", "eu-1", rest);
                    ServedGateway gateway =
                            ServedGateway.start(forGateway, file("gateway-run", rest), CLOCK)) {
                assertThat(forGateway.home().id().uri())
                        .isEqualTo("spiffe://prod.example/gateway/eu-1");
                assertThat(ask(client, gateway)).isEqualTo(200);
                ready(client, control, node, gateway);
                HttpResponse<String> numbers =
                        client.send(
                                request(gateway, "gateway", "/metrics", "operator").build(),
                                HttpResponse.BodyHandlers.ofString());
                assertThat(numbers.body()).contains("atlas_requests_total");
                assertThat(workloads(client, control).findValuesAsText("spiffe_path"))
                        .containsExactly("/gateway/eu-1", "/node/n1");

                rotated(forNode, "node", "/node/n1");
                rotated(forGateway, "gateway", "/gateway/eu-1");
                assertThat(ask(client, gateway)).isEqualTo(200);
                removed(client, control);
            }
        }
    }

    private Settings nodeSettings() throws Exception {
        return file("node-run", "node:\n  listen-port: 0\n" + HEALTH);
    }

    private static void ready(HttpClient client, Served... all) throws Exception {
        for (Served one : all) {
            URI at = URI.create("https://localhost:" + port(one, "health") + "/readyz");
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(at).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
    }

    private void rotated(Enlisted of, String process, String path) throws Exception {
        var before = of.home().shown().chain();
        var calling = of.home().client().chain();
        ours.write(temp, process, path);
        while (of.home().client().chain().equals(calling)) {
            Thread.onSpinWait();
        }
        if (process.equals("node")) {
            assertThat(of.home().shown().chain()).isNotEqualTo(before);
        }
    }

    private void removed(HttpClient client, ServedControl control) throws Exception {
        HttpResponse<String> answer =
                client.send(
                        request(
                                        control,
                                        "control",
                                        "/api/v1/workloads/gateway/eu-1",
                                        "security_admin")
                                .DELETE()
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        // Its SVID is as good as before, and the name does not come back by it.
        assertThatThrownBy(() ->
                        Enlisted.open(
                                temp.resolve("again"),
                                "gateway",
                                settings("gateway", "/gateway/eu-1", link(control, "eu-1")),
                                Optional.empty()))
                .isInstanceOf(Stop.class)
                .hasMessageContaining("403");
        assertThat(workloads(client, control).findValuesAsText("name")).containsExactly("n1");
    }

    @Test
    void whoNoRuleNamesIsNotEnrolled() throws Exception {
        try (ServedControl control = control(ADMIT)) {
            assertThatThrownBy(() -> enlist("gateway", "us-1", link(control, "us-1")))
                    .isInstanceOf(Stop.class)
                    .hasMessageContaining("does not enrol `spiffe://prod.example/gateway/us-1`")
                    .hasMessageContaining("answered 403");
        }
    }

    @Test
    void anSvidOfAnotherAuthorityIsRefusedByTheDoorItself() throws Exception {
        try (ServedControl control = control(ADMIT)) {
            String rest = link(control, "eu-1");
            Settings settings = settings("gateway", "/gateway/eu-1", rest);
            Path elsewhere = Files.createDirectories(temp.resolve("elsewhere"));
            new SvidAuthority(temp.resolve("forger"), "prod.example")
                    .write(elsewhere, "gateway", "/gateway/eu-1");
            for (String file : List.of("gateway.key", "gateway.pem")) {
                Files.copy(
                        elsewhere.resolve(file),
                        temp.resolve(file),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            assertThatThrownBy(() ->
                            Enlisted.open(
                                    temp.resolve("eu-1"), "gateway", settings, Optional.empty()))
                    .isInstanceOf(Stop.class)
                    .hasMessageContaining("does not enrol");
        }
    }

    @Test
    void aControlPlaneWithAnSvidSaysWhomItAdmits() throws Exception {
        assertThatThrownBy(() -> control("control: {listen-port: 0, internal-port: 0}\n"))
                .isInstanceOf(Stop.class)
                .hasMessageContaining("`control.admit`");
        assertThatThrownBy(() ->
                        control(ADMIT.replace("spiffe://prod.example/node", "spiffe://x.y/node")))
                .isInstanceOf(Stop.class)
                .hasMessageContaining("a fleet has one trust domain");
    }

    @Test
    void aRuleWithoutAnSvidToShowIsRefused() throws Exception {
        Settings bare = file("bare", ADMIT);
        assertThatThrownBy(() ->
                        ServedControl.start(
                                temp.resolve("control"),
                                bare,
                                temp.resolve("none"),
                                CLOCK,
                                _ -> {}))
                .isInstanceOf(Stop.class)
                .hasMessageContaining("has none to show them");
    }

    @Test
    void checkingTheFileFindsWhatItsSectionsDoNotAgreeOn() throws Exception {
        assertThat(file("bare", ADMIT).problems())
                .singleElement()
                .satisfies(p -> assertThat(p.path()).isEqualTo("control.admit"));
        assertThat(file("alone", "link:\n  control: localhost:1\n  name: n1\n").problems())
                .singleElement()
                .satisfies(p -> assertThat(p.path()).isEqualTo("link.control"));
        assertThat(settings("control", "/control", ADMIT).problems()).isEmpty();
        assertThat(file("half", "link:\n  name: n1\n").problems())
                .singleElement()
                .satisfies(p -> assertThat(p.message()).contains("together or not at all"));
        assertThat(file("odd", "link: {control: \"localhost\", name: n1}\n").problems())
                .singleElement()
                .satisfies(p -> assertThat(p.message()).contains("`host:port`"));
    }

    @Test
    void aWorkloadWithAnSvidSaysWhereItsControlPlaneIsAndOneWithoutDoesNot() throws Exception {
        assertThatThrownBy(() -> enlist("node", "n1", ""))
                .isInstanceOf(Stop.class)
                .hasMessageContaining("`link.control` and `link.name`");
        Settings tokens = file("tokens", "link:\n  control: localhost:1\n  name: n1\n");
        assertThatThrownBy(
                        () -> Enlisted.open(temp.resolve("n1"), "node", tokens, Optional.empty()))
                .isInstanceOf(Stop.class)
                .hasMessageContaining("with an SVID of its own");
    }
}
