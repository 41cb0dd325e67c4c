package atlas.e2e;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** One {@code atlas up} in a process of its own, as a user starts it. */
final class Running implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    private final Path home;
    private final Process process;
    private final JsonNode ready;
    private final HttpClient client;

    private Running(Path home, Process process, JsonNode ready, HttpClient client) {
        this.home = home;
        this.process = process;
        this.ready = ready;
        this.client = client;
    }

    static Running up(Path home, String... more) throws Exception {
        return up(home, 0, more);
    }

    /** With more in its environment. */
    static Running with(Map<String, String> environment, Path home, String... more)
            throws Exception {
        return up(environment, home, 0, more);
    }

    static Running up(Path home, int controlPort, String... more) throws Exception {
        return up(Map.of(), home, controlPort, more);
    }

    private static Running up(
            Map<String, String> environment, Path home, int controlPort, String... more)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(atlas(), "--home", home.toString()));
        command.addAll(
                List.of(
                        "--output",
                        "json",
                        "up",
                        "--gateway-port",
                        "0",
                        "--control-port",
                        String.valueOf(controlPort)));
        command.addAll(List.of(more));
        Path log = home.resolveSibling(home.getFileName() + ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line;
        while ((line = out.readLine()) != null) {
            JsonNode event = JSON.readTree(line);
            if (event.path("event").asText().equals("ready")) {
                Path said = home.resolveSibling(home.getFileName() + ".out");
                Files.writeString(said, line + "\n", CREATE, APPEND);
                Thread.startVirtualThread(() -> keep(out, said));
                return new Running(
                        home, process, event, client(Path.of(event.path("ca").asText())));
            }
        }
        process.waitFor();
        throw new AssertionError("atlas up ended without being ready:\n" + Files.readString(log));
    }

    /** Keeps what it says beside its home. */
    private static void keep(BufferedReader out, Path said) {
        try {
            String line;
            while ((line = out.readLine()) != null) {
                Files.writeString(said, line + "\n", CREATE, APPEND);
            }
        } catch (IOException e) {
            // The process is gone, or the folder of the test is.
            return;
        }
    }

    static void drain(BufferedReader out) {
        try {
            while (out.readLine() != null) {
                continue;
            }
        } catch (IOException e) {
            // The process is gone.
            return;
        }
    }

    URI gateway(String path) {
        return URI.create(ready.path("gateway").asText() + path);
    }

    URI control(String path) {
        return URI.create(ready.path("control").asText() + path);
    }

    String model() {
        return ready.path("model").asText();
    }

    Path home() {
        return home;
    }

    Path ca() {
        return Path.of(ready.path("ca").asText());
    }

    String key(String role) throws IOException {
        Path file = Path.of(ready.path("credentials").asText());
        return JSON.readTree(Files.readString(file)).path(role).path("key").asText();
    }

    HttpResponse<String> get(URI uri, String key) throws Exception {
        return client.send(request(uri, key).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    JsonNode json(URI uri, String key) throws Exception {
        HttpResponse<String> response = get(uri, key);
        assertThat(response.statusCode()).as(uri + ": " + response.body()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    HttpResponse<String> post(URI uri, String key, Object body) throws Exception {
        return client.send(
                request(uri, key)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> chat(String key, String text) throws Exception {
        return post(
                gateway("/v1/chat/completions"),
                key,
                Map.of(
                        "model", model(),
                        "max_tokens", 60,
                        "messages", List.of(Map.of("role", "user", "content", text))));
    }

    long pid() {
        return process.pid();
    }

    /** Waits until it has ended by itself. */
    int ended() throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    HttpClient client() {
        return client;
    }

    static HttpRequest.Builder request(URI uri, String key) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(120));
        return key.isEmpty() ? builder : builder.header("authorization", "Bearer " + key);
    }

    /** Pulls the plug: no shutdown hook runs. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() {
        end(process);
    }

    /** Asks a process to end, as a service manager does, and waits for it. */
    static void end(Process process) {
        process.destroy();
        try {
            if (process.waitFor(60, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        throw new AssertionError("SIGTERM did not end atlas within a minute");
    }

    /** What a command printed and how it ended. */
    record Said(int status, String out, String err) {
        JsonNode json() throws IOException {
            return JSON.readTree(out);
        }
    }

    static Said run(Path home, String... arguments) throws Exception {
        return run(command(home, arguments), Map.of());
    }

    static List<String> command(Path home, String... arguments) {
        List<String> command = new ArrayList<>(List.of(atlas(), "--home", home.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    static Said run(List<String> command, Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("ATLAS_KEY");
        builder.environment().putAll(environment);
        Path err = Files.createTempFile("atlas-e2e", ".err");
        Process process = builder.redirectError(err.toFile()).start();
        process.getOutputStream().close();
        String out;
        try (InputStream in = process.getInputStream()) {
            out = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        int status = process.waitFor();
        String said = Files.readString(err);
        Files.delete(err);
        return new Said(status, out, said);
    }

    static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("mvnw")) ? here : here.resolve("..").normalize();
    }

    private static String atlas() {
        return root().resolve("atlas").toString();
    }

    static HttpClient client(Path ca) throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        try (InputStream in = Files.newInputStream(ca)) {
            int n = 0;
            for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                anchors.setCertificateEntry("ca-" + n++, c);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(tls).build();
    }
}
