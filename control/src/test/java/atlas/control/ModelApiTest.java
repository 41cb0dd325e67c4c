package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.Actor;
import atlas.core.Role;
import atlas.peers.Lying;
import atlas.registry.ModelSigner;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.runtime.http.HttpEdge;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelApiTest {
    @TempDir private Path folder;

    /** A node that answers as it is told, over mTLS. */
    private static final class StubNode implements Installation.Node {
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final HttpEdge edge;
        private volatile boolean refuses;

        StubNode(TrustRoot trust) {
            edge =
                    HttpEdge.start(
                            new EdgeConfig(
                                    "node",
                                    new InetSocketAddress("127.0.0.1", 0),
                                    trust.server("node"),
                                    ClientAuth.REQUIRED,
                                    EdgeLimits.defaults()),
                            this::answer);
        }

        private void answer(Exchange exchange) {
            asked.add(exchange.path() + " " + new String(exchange.body(), StandardCharsets.UTF_8));
            Headers json = Headers.of("content-type", "application/json");
            if (refuses && exchange.path().endsWith("load")) {
                exchange.respond(
                        409,
                        json,
                        "{\"detail\":\"a byte is wrong\"}".getBytes(StandardCharsets.UTF_8));
            } else {
                exchange.respond(200, json, "{}".getBytes(StandardCharsets.UTF_8));
            }
        }

        @Override
        public int port() {
            return edge.address().getPort();
        }

        @Override
        public void close() {
            edge.close();
        }
    }

    private Path model() throws Exception {
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{\"planted\":\"weights\"}");
        Files.writeString(model.resolve("README.md"), "planted words of a card\n");
        return model;
    }

    private static JsonNode push(Installation atlas, Path model, String name) throws Exception {
        byte[] bundle =
                new ModelSigner(atlas.trust.demoSigner().getPrivate(), Optional.empty())
                        .sign(model)
                        .bundle();
        JsonNode upload =
                atlas.json(Role.MODEL_ADMIN, "POST", "/api/v1/models/" + name + "/versions", "{}");
        String at = "/api/v1/models/" + name + "/uploads/" + upload.get("upload").asText();
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                int half = bytes.length / 2;
                String path = at + "/files/" + file.getFileName();
                byte[] first = java.util.Arrays.copyOf(bytes, half);
                byte[] rest = java.util.Arrays.copyOfRange(bytes, half, bytes.length);
                assertThat(atlas.put(Role.MODEL_ADMIN, path + "?offset=0", first).statusCode())
                        .isEqualTo(200);
                assertThat(atlas.put(Role.MODEL_ADMIN, path + "?offset=" + half, rest).statusCode())
                        .isEqualTo(200);
            }
        }
        String signature = Base64.getEncoder().encodeToString(bundle);
        return atlas.json(
                Role.MODEL_ADMIN, "POST", at + "/commit", "{\"signature\":\"" + signature + "\"}");
    }

    @Test
    void aModelGoesFromUploadToServingWithTwoPeopleAndTheNode() throws Exception {
        try (Installation atlas = new Installation(folder.resolve("home"), StubNode::new)) {
            JsonNode version = push(atlas, model(), "tiny");
            assertThat(version.get("model").asText()).isEqualTo("tiny@1");
            assertThat(version.get("signer").asText()).isEqualTo(TrustRoot.DEMO_SIGNER);

            HttpResponse<String> self =
                    atlas.send(Role.MODEL_ADMIN, "PUT", "/api/v1/approvals/tiny/1", null);
            assertThat(self.statusCode()).as("who pushed does not approve").isEqualTo(403);
            String second = secondModelAdmin(atlas);
            assertThat(atlas.send(second, "PUT", "/api/v1/approvals/tiny/1", null).statusCode())
                    .isEqualTo(200);

            atlas.json(Role.OPERATOR, "PUT", "/api/v1/deployments/tiny/1", null);

            assertThat(atlas.node(StubNode.class).asked)
                    .contains("/node/v1/load {\"model\":\"tiny@1\"}");
            JsonNode serving = atlas.json(Role.OPERATOR, "GET", "/api/v1/deployments", null);
            assertThat(serving.get("deployments").get(0).get("model").asText()).isEqualTo("tiny@1");
            nothingLiesInTheClear(folder.resolve("home"));
        }
    }

    private static String secondModelAdmin(Installation atlas) throws Exception {
        atlas.json(
                Role.SECURITY_ADMIN,
                "POST",
                "/api/v1/grants",
                "{\"principal\":\"mo\",\"role\":\"model_admin\"}");
        return atlas.json(
                        Role.SECURITY_ADMIN,
                        "POST",
                        "/api/v1/keys",
                        "{\"principal\":\"mo\",\"roles\":[\"model_admin\"]}")
                .get("key")
                .asText();
    }

    private static void nothingLiesInTheClear(Path home) throws Exception {
        Lying.in(home)
                .forEach((path, text) ->
                        assertThat(text).as(path.toString()).doesNotContain("planted"));
    }

    @Test
    void aVersionTheNodeRefusesDoesNotServe() throws Exception {
        try (Installation atlas = new Installation(folder.resolve("home"), StubNode::new)) {
            push(atlas, model(), "tiny");
            atlas.trust
                    .registry()
                    .approve(atlas.trust.registry().list().getFirst().ref(), Actor.system("test"));
            atlas.node(StubNode.class).refuses = true;

            HttpResponse<String> deploy =
                    atlas.send(Role.OPERATOR, "PUT", "/api/v1/deployments/tiny/1", null);

            assertThat(deploy.statusCode()).isEqualTo(409);
            assertThat(deploy.body()).contains("a byte is wrong");
            assertThat(atlas.trust.registry().deployed("tiny")).isEmpty();
            assertThat(
                            atlas.json(
                                            Role.AUDITOR,
                                            "GET",
                                            "/api/v1/journal/entries?kind=model.changed",
                                            null)
                                    .toString())
                    .contains("a byte is wrong");
        }
    }

    @Test
    void anUnsignedUploadIsRefusedAndLeavesNothing() throws Exception {
        try (Installation atlas = new Installation(folder.resolve("home"))) {
            JsonNode upload =
                    atlas.json(Role.MODEL_ADMIN, "POST", "/api/v1/models/tiny/versions", "{}");
            String at = "/api/v1/models/tiny/uploads/" + upload.get("upload").asText();
            byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
            atlas.put(Role.MODEL_ADMIN, at + "/files/config.json?offset=0", config);

            HttpResponse<String> commit =
                    atlas.send(
                            Role.MODEL_ADMIN, "POST", at + "/commit", "{\"signature\":\"e30=\"}");

            assertThat(commit.statusCode()).isEqualTo(409);
            assertThat(atlas.trust.registry().list()).isEmpty();
            assertThat(folder.resolve("home/staging")).isEmptyDirectory();
        }
    }
}
