package atlas.control;

import atlas.core.Role;
import atlas.policy.RolePolicy;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A control process over a fresh home, and clients that trust its CA. */
final class Installation implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    final TrustRoot trust;
    final ControlProcess control;
    final Map<Role, String> keys = new EnumMap<>(Role.class);
    private final HttpClient client;

    Installation(Path home) throws IOException, GeneralSecurityException {
        Clock clock = Clock.systemUTC();
        trust = TrustRoot.openOrCreate(home, TrustRootConfig.defaults(), clock);
        ControlConfig usual = ControlConfig.defaults();
        control =
                ControlProcess.start(
                        new ControlConfig(
                                usual.listenAddress(),
                                0,
                                usual.maxBodyBytes(),
                                usual.maxUploadBytes(),
                                Duration.ofSeconds(2)),
                        new ControlParts(
                                trust,
                                TestParts.authenticator(trust, clock),
                                new RolePolicy(trust.grants()),
                                Optional.empty(),
                                clock));
        JsonNode bootstrap = JSON.readTree(home.resolve("bootstrap.json").toFile());
        for (Role role : Role.values()) {
            keys.put(role, bootstrap.get(role.wireName()).get("key").asText());
        }
        client = client(trust);
    }

    private static HttpClient client(TrustRoot trust) throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        anchors.setCertificateEntry("atlas", trust.rootCertificate());
        TrustManagerFactory managers =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(anchors);
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(null, managers.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .sslContext(tls)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    String key(Role role) {
        return java.util.Objects.requireNonNull(keys.get(role));
    }

    URI at(String path) {
        return URI.create("https://localhost:" + control.address().getPort() + path);
    }

    private HttpRequest request(
            @Nullable String key, String method, String path, byte @Nullable [] body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(at(path))
                        .timeout(Duration.ofSeconds(30))
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofByteArray(body));
        if (key != null) {
            request.header("authorization", "Bearer " + key);
        }
        return request.build();
    }

    HttpResponse<String> send(
            @Nullable String key, String method, String path, @Nullable String body)
            throws IOException, InterruptedException {
        byte[] bytes = body == null ? null : body.getBytes(StandardCharsets.UTF_8);
        return client.send(request(key, method, path, bytes), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> send(Role role, String method, String path, @Nullable String body)
            throws IOException, InterruptedException {
        return send(key(role), method, path, body);
    }

    HttpResponse<String> put(Role role, String path, byte[] body)
            throws IOException, InterruptedException {
        return client.send(
                request(key(role), "PUT", path, body), HttpResponse.BodyHandlers.ofString());
    }

    JsonNode json(Role role, String method, String path, @Nullable String body)
            throws IOException, InterruptedException {
        HttpResponse<String> response = send(role, method, path, body);
        if (response.statusCode() / 100 != 2) {
            throw new AssertionError(
                    method + " " + path + ": " + response.statusCode() + " " + response.body());
        }
        return JSON.readTree(response.body());
    }

    HttpResponse<InputStream> open(Role role, String path)
            throws IOException, InterruptedException {
        return client.send(
                request(key(role), "GET", path, null), HttpResponse.BodyHandlers.ofInputStream());
    }

    @Override
    public void close() {
        client.shutdownNow();
        control.close();
        trust.close();
    }
}
