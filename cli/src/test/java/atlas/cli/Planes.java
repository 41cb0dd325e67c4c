package atlas.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import atlas.control.TrustRoot;
import atlas.control.TrustRootConfig;
import atlas.core.Role;
import atlas.journal.JournalEntry;
import atlas.journal.JournalQuery;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A whole installation on loopback, wired as the product wires it: real gateway, real control
 * plane, real TLS, and behind the gateway an engine that counts what reaches it.
 */
final class Planes implements AutoCloseable {
    /** The model the engine serves. */
    static final String MODEL = "echo";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String USAGE =
            "\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":1,\"total_tokens\":3}}";
    private static final Map<String, String> ANSWERS =
            Map.of(
                    "/v1/chat/completions",
                    "{\"id\":\"e\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"e\","
                            + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                            + "\"content\":\"hello\"},\"finish_reason\":\"stop\"}],"
                            + USAGE,
                    "/v1/completions",
                    "{\"id\":\"e\",\"object\":\"text_completion\",\"created\":1,\"model\":\"e\","
                            + "\"choices\":[{\"index\":0,\"text\":\"hello\","
                            + "\"finish_reason\":\"stop\"}],"
                            + USAGE,
                    "/v1/embeddings",
                    "{\"object\":\"list\",\"model\":\"e\",\"data\":[{\"object\":\"embedding\","
                            + "\"index\":0,\"embedding\":[0.5]}],"
                            + "\"usage\":{\"prompt_tokens\":2,\"total_tokens\":2}}");

    /** One of the two planes. */
    enum Plane {
        GATEWAY,
        CONTROL
    }

    private final Path home;
    private final HttpServer engine;
    private final AtomicInteger forwarded = new AtomicInteger();
    private final Installation installation;
    private final SSLContext tls;
    private final Map<String, String> keys = new TreeMap<>();
    private boolean up = true;

    Planes(Path temp) throws Exception {
        home = temp.resolve("home");
        engine = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        engine.createContext(
                "/",
                exchange -> {
                    forwarded.incrementAndGet();
                    String path = exchange.getRequestURI().getPath();
                    byte[] answer = ANSWERS.getOrDefault(path, "{}").getBytes(UTF_8);
                    exchange.getRequestBody().readAllBytes();
                    exchange.getResponseHeaders().set("content-type", "application/json");
                    exchange.sendResponseHeaders(200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        engine.start();
        Path config = Files.writeString(temp.resolve("atlas.yaml"), config());
        installation =
                Installation.start(
                        home,
                        new Settings(Optional.of(config)),
                        Optional.of(0),
                        Optional.of(0),
                        Files.createDirectories(temp.resolve("no-models")),
                        Clock.systemUTC(),
                        _ -> {});
        tls = trusting(home.resolve("tls/ca.pem"));
        JsonNode bootstrap = JSON.readTree(home.resolve("bootstrap.json").toFile());
        bootstrap.properties().forEach(e -> keys.put(e.getKey(), e.getValue().at("/key").asText()));
    }

    /** With a provider of each kind that is never there: its paths are, and must be defended. */
    private String config() {
        return """
        gateway:
          engines:
            - model: %s
              engine-model: engine-echo
              host: 127.0.0.1
              port: %d
              tls: false
              input-modalities: []
        identity:
          issuers:
            - issuer: https://idp.invalid/realms/atlas
              audiences: [atlas]
              roles-claim: roles
              role-mapping: {users: consumer}
        login:
          oidc:
            - name: idp
              issuer: https://idp.invalid/realms/atlas
              client-id: console
        saml:
          base-url: https://localhost:9443
          identity-providers:
            - name: idp-saml
              entity-id: https://idp.invalid/saml
              metadata: file:///no/such/metadata.xml
        """
                .formatted(MODEL, engine.getAddress().getPort());
    }

    private static SSLContext trusting(Path ca) throws Exception {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        try (InputStream in = Files.newInputStream(ca)) {
            anchors.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    URI at(Plane plane) {
        return plane == Plane.GATEWAY ? installation.gateway() : installation.control();
    }

    List<String> routes(Plane plane) {
        return plane == Plane.GATEWAY ? installation.gatewayRoutes() : installation.controlRoutes();
    }

    HttpClient client() {
        return HttpClient.newBuilder().sslContext(tls).version(HttpClient.Version.HTTP_1_1).build();
    }

    String key(Role role) {
        String key = keys.get(role.wireName());
        if (key == null) {
            throw new IllegalArgumentException("no first credential for " + role);
        }
        return key;
    }

    /** A text in which {@code {role}} stands for a key of that role. */
    String withKeys(String text) {
        String filled = text;
        for (Map.Entry<String, String> key : keys.entrySet()) {
            filled = filled.replace("{" + key.getKey() + "}", key.getValue());
        }
        return filled;
    }

    /** Requests that reached the engine. */
    int forwarded() {
        return forwarded.get();
    }

    SSLSocket connect(Plane plane, String protocol) throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        tls.getSocketFactory()
                                .createSocket(
                                        InetAddress.getLoopbackAddress(), at(plane).getPort());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    /** Sends bytes as they are and reads until the server closes. */
    String exchange(Plane plane, byte[] bytes) throws IOException {
        try (SSLSocket socket = connect(plane, "http/1.1")) {
            try {
                OutputStream out = socket.getOutputStream();
                out.write(bytes);
                out.flush();
            } catch (SocketException e) {
                // The server may have heard enough; its answer is read all the same.
                return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            }
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    /** Ends the installation and reads everything it recorded. */
    List<JournalEntry> closeAndRead() {
        stop();
        try (TrustRoot root =
                TrustRoot.openOrCreate(home, TrustRootConfig.defaults(), Clock.systemUTC())) {
            return root.journal().search(JournalQuery.newest(10_000));
        }
    }

    private void stop() {
        if (up) {
            up = false;
            installation.close();
        }
    }

    @Override
    public void close() {
        stop();
        engine.stop(0);
    }
}
