package atlas.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A real Keycloak on loopback over HTTPS, with the realm of {@code atlas-realm.json}: a user for
 * each role, clients for every flow. Its administration is at hand, to say where Atlas listens.
 */
final class Keycloak implements AutoCloseable {
    /** Name and password of the administrator; it is reachable on loopback, for one test run. */
    static final String ADMIN = "test-administrator";

    private final Process process;
    private final int port;
    private final HttpClient client;

    private Keycloak(Process process, int port, HttpClient client) {
        this.process = process;
        this.port = port;
        this.client = client;
    }

    /** A port that is free now. */
    static int freePort() throws IOException {
        try (ServerSocket socket =
                new ServerSocket(0, 1, java.net.InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    static URI issuer(int port) {
        return URI.create("https://localhost:" + port + "/realms/atlas");
    }

    /**
     * Starts it, with its own copy of the prepared database.
     *
     * @param trusted what its calls to Atlas trust
     */
    static Keycloak start(Path work, int port, TestAuthority authority, Path trusted)
            throws Exception {
        Path home = KeycloakHome.prepared();
        authority.issue("keycloak");
        Path database = Files.createDirectories(work.resolve("keycloak"));
        Files.copy(home.resolve("data/h2/keycloakdb.mv.db"), database.resolve("keycloakdb.mv.db"));
        Path log = work.resolve("keycloak.log");
        Process process =
                KeycloakHome.process(
                                KeycloakHome.kc(
                                        home,
                                        "start",
                                        "--optimized",
                                        "--cache=local",
                                        "--http-host=127.0.0.1",
                                        "--http-enabled=false",
                                        "--https-port=" + port,
                                        "--hostname=https://localhost:" + port,
                                        "--https-certificate-file="
                                                + authority.certificate("keycloak"),
                                        "--https-certificate-key-file=" + authority.key("keycloak"),
                                        "--truststore-paths=" + trusted,
                                        "--db-url=jdbc:h2:file:"
                                                + database.resolve("keycloakdb")
                                                + ";NON_KEYWORDS=VALUE"),
                                work,
                                log)
                        .start();
        Keycloak keycloak = new Keycloak(process, port, Running.client(authority.root()));
        keycloak.awaitReady(log);
        return keycloak;
    }

    // It says so on its output when it listens; until then, and no longer than it lives, look.
    private void awaitReady(Path log) throws Exception {
        long patience = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (!Files.readString(log).contains("Listening on:")) {
            if (process.waitFor(200, TimeUnit.MILLISECONDS) || System.nanoTime() > patience) {
                close();
                throw new AssertionError("Keycloak did not start:\n" + Files.readString(log));
            }
        }
    }

    /** Whether it ends within this time, which is a way to wait for what it has yet to do. */
    boolean endsWithin(Duration time) throws InterruptedException {
        return process.waitFor(time);
    }

    URI issuer() {
        return issuer(port);
    }

    URI at(String path) {
        return URI.create("https://localhost:" + port + path);
    }

    HttpClient client() {
        return client;
    }

    /** Posts a form to an endpoint of the realm: {@code token}, {@code auth/device}, … */
    JsonNode oidc(String endpoint, Map<String, String> form) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(at("/realms/atlas/protocol/openid-connect/" + endpoint))
                        .timeout(Duration.ofSeconds(60))
                        .header("content-type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(encoded(form)))
                        .build();
        return Running.JSON.readTree(
                client.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    static String encoded(Map<String, String> form) {
        return form.entrySet().stream()
                .map(e ->
                        e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    /** Asks the administration of the realm; {@code path} begins with a slash. */
    JsonNode admin(String method, String path, @Nullable Object body) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(at("/admin/realms/atlas" + path))
                        .timeout(Duration.ofSeconds(60))
                        .header("authorization", "Bearer " + administrator())
                        .header("content-type", "application/json")
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(
                                                Running.JSON.writeValueAsString(body)));
        HttpResponse<String> response =
                client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new AssertionError(
                    method + " " + path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body().isEmpty()
                ? Running.JSON.createObjectNode()
                : Running.JSON.readTree(response.body());
    }

    /** The representation of a client, by the name it goes by. */
    JsonNode registered(String clientId) throws Exception {
        return admin(
                        "GET",
                        "/clients?clientId=" + URLEncoder.encode(clientId, StandardCharsets.UTF_8),
                        null)
                .get(0);
    }

    /** Says where a console is: where its people come back to, and where they are signed out. */
    void welcome(String clientId, String console) throws Exception {
        ObjectNode client = (ObjectNode) registered(clientId);
        client.putArray("redirectUris").add(console + "/login/oidc/callback");
        ObjectNode attributes = (ObjectNode) client.get("attributes");
        attributes.put("post.logout.redirect.uris", console + "/");
        attributes.put("backchannel.logout.url", console + "/login/oidc/backchannel-logout");
        admin("PUT", "/clients/" + client.get("id").asText(), client);
    }

    /** The id of a user. */
    String user(String name) throws Exception {
        return admin("GET", "/users?exact=true&username=" + name, null).get(0).get("id").asText();
    }

    /** Every user's password is this. */
    static String password(String user) {
        return "test-password-of-" + user;
    }

    private String administrator() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(at("/realms/master/protocol/openid-connect/token"))
                        .timeout(Duration.ofSeconds(60))
                        .header("content-type", "application/x-www-form-urlencoded")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        encoded(
                                                Map.of(
                                                        "grant_type",
                                                        "password",
                                                        "client_id",
                                                        "admin-cli",
                                                        "username",
                                                        ADMIN,
                                                        "password",
                                                        ADMIN))))
                        .build();
        return Running.JSON
                .readTree(client.send(request, HttpResponse.BodyHandlers.ofString()).body())
                .path("access_token")
                .asText();
    }

    /** Ends the server, which the shell script that started it has as a child. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
