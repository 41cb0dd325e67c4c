package atlas.control;

import atlas.core.Role;
import atlas.export.Export;
import atlas.identity.saml.SamlServiceProvider;
import atlas.identity.token.AtlasTokens;
import atlas.policy.PolicyConfig;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import atlas.vault.VaultSettings;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A control process over a fresh home, and clients that trust its CA. */
final class Installation implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    final TrustRoot trust;
    final ControlProcess control;
    final Map<Role, String> keys = new HashMap<>();
    private final HttpClient client;
    private final @Nullable Node node;
    private final Optional<Upstream> upstream;

    /** Something that stands in for the node. */
    interface Node extends AutoCloseable {
        int port();

        @Override
        void close();
    }

    Installation(Path home) throws IOException, GeneralSecurityException {
        this(home, _ -> null);
    }

    /** With a node: {@code nodes} makes one that listens for workload {@code control}. */
    Installation(Path home, Function<TrustRoot, @Nullable Node> nodes)
            throws IOException, GeneralSecurityException {
        this(
                home,
                nodes,
                ControlParts.Login.none(),
                PolicyConfig.defaults(),
                List.of(),
                Clock.systemUTC());
    }

    /** With other systems that get the journal's entries. */
    Installation(Path home, List<Export> exports) throws IOException, GeneralSecurityException {
        this(
                home,
                _ -> null,
                ControlParts.Login.none(),
                PolicyConfig.defaults(),
                exports,
                Clock.systemUTC());
    }

    /** With network segments that policies may ask about. */
    Installation(Path home, PolicyConfig policy) throws IOException, GeneralSecurityException {
        this(home, _ -> null, ControlParts.Login.none(), policy, List.of(), Clock.systemUTC());
    }

    /** With people who sign in by SAML, and another time for what callers meet. */
    Installation(Path home, SamlServiceProvider saml, Clock meets)
            throws IOException, GeneralSecurityException {
        this(
                home,
                new ControlParts.Login(LoginConfig.defaults(), List.of(), Optional.of(saml)),
                meets);
    }

    /** With ways to sign in. */
    Installation(Path home, ControlParts.Login login, Clock meets)
            throws IOException, GeneralSecurityException {
        this(home, _ -> null, login, PolicyConfig.defaults(), List.of(), meets);
    }

    /** With a vault kept so. */
    Installation(Path home, VaultSettings vault) throws IOException, GeneralSecurityException {
        this(
                TrustRoot.openOrCreate(home, keeping(vault), Clock.systemUTC()),
                _ -> null,
                ControlParts.Login.none(),
                PolicyConfig.defaults(),
                List.of(),
                Clock.systemUTC());
    }

    /** The usual configuration of a home whose vault is kept so. */
    static TrustRootConfig keeping(VaultSettings vault) {
        TrustRootConfig usual = TrustRootConfig.defaults();
        return new TrustRootConfig(
                usual.trustDomain(),
                usual.serverNames(),
                usual.bootstrapLifetime(),
                usual.certificateLifetime(),
                usual.signers(),
                usual.keys(),
                new HomeConfig(usual.keeping().journal(), vault));
    }

    private Installation(
            Path home,
            Function<TrustRoot, @Nullable Node> nodes,
            ControlParts.Login login,
            PolicyConfig policy,
            List<Export> exports,
            Clock meets)
            throws IOException, GeneralSecurityException {
        this(
                TrustRoot.openOrCreate(home, TrustRootConfig.defaults(), Clock.systemUTC()),
                nodes,
                login,
                policy,
                exports,
                meets);
    }

    private Installation(
            TrustRoot opened,
            Function<TrustRoot, @Nullable Node> nodes,
            ControlParts.Login login,
            PolicyConfig policy,
            List<Export> exports,
            Clock meets)
            throws IOException, GeneralSecurityException {
        Clock clock = Clock.systemUTC();
        trust = opened;
        node = nodes.apply(trust);
        upstream = node == null ? Optional.empty() : Optional.of(upstream(trust, node));
        ControlConfig usual = ControlConfig.defaults();
        AtlasTokens tokens = TestParts.tokens(trust, clock);
        control =
                ControlProcess.start(
                        new ControlConfig(
                                usual.listenAddress(),
                                0,
                                usual.maxBodyBytes(),
                                usual.maxUploadBytes(),
                                Duration.ofSeconds(2),
                                Optional.of(0),
                                usual.internalAddress()),
                        new ControlParts(
                                        trust,
                                        TestParts.authenticator(trust, tokens, clock),
                                        tokens,
                                        trust.policy(policy, clock),
                                        upstream,
                                        login,
                                        meets)
                                .exportingTo(exports));
        JsonNode bootstrap = JSON.readTree(trust.home().resolve("bootstrap.json").toFile());
        for (Role role : Role.builtIn()) {
            keys.put(role, bootstrap.get(role.wireName()).get("key").asText());
        }
        client = client(trust);
    }

    private static Upstream upstream(TrustRoot trust, Node node) {
        return Upstream.open(
                new UpstreamConfig(
                        "node",
                        "127.0.0.1",
                        node.port(),
                        Optional.of(trust.workload("control")),
                        Optional.of(trust.workloadId("node")),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(30),
                        4,
                        Optional.empty()));
    }

    <T extends Node> T node(Class<T> type) {
        return type.cast(java.util.Objects.requireNonNull(node));
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

    HttpResponse<String> send(
            @Nullable String key, String method, String path, String body, String contentType)
            throws IOException, InterruptedException {
        HttpRequest plain = request(key, method, path, body.getBytes(StandardCharsets.UTF_8));
        return client.send(
                HttpRequest.newBuilder(plain, (_, _) -> true)
                        .header("content-type", contentType)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** With exactly these headers: name, value, name, value, … */
    HttpResponse<String> bare(String method, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(at(path))
                        .timeout(Duration.ofSeconds(30))
                        .method(method, HttpRequest.BodyPublishers.noBody());
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A form posted from wherever the headers say. */
    HttpResponse<String> form(String path, String body, String... headers)
            throws IOException, InterruptedException {
        return post(path, "application/x-www-form-urlencoded", body, headers);
    }

    /** Any body, with exactly these headers. */
    HttpResponse<String> post(String path, String type, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(at(path))
                        .timeout(Duration.ofSeconds(30))
                        .header("content-type", type)
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Signs a session out as our own page does, and gives what it is told. */
    JsonNode signOut(String session) throws IOException, InterruptedException {
        JsonNode own = JSON.readTree(bare("GET", "/login/session", "cookie", session).body());
        return JSON.readTree(
                bare(
                                "POST",
                                "/login/out",
                                "cookie",
                                session,
                                "origin",
                                origin(),
                                "x-csrf-token",
                                own.get("csrf_token").asText())
                        .body());
    }

    String origin() {
        return "https://localhost:" + control.address().getPort();
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
        return open(key(role), path);
    }

    HttpResponse<InputStream> open(String key, String path)
            throws IOException, InterruptedException {
        return client.send(
                request(key, "GET", path, null), HttpResponse.BodyHandlers.ofInputStream());
    }

    @Override
    public void close() {
        client.shutdownNow();
        control.close();
        upstream.ifPresent(Upstream::close);
        if (node != null) {
            node.close();
        }
        trust.close();
    }
}
