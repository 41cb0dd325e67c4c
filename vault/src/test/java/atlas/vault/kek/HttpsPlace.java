package atlas.vault.kek;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An HTTPS server on loopback, for what stands in for a key service. */
final class HttpsPlace implements AutoCloseable {
    private final HttpsServer server;
    final Path ca;

    /** When set, every call is answered with this status and nothing else. */
    volatile int only;

    /** When set, an answer is begun and never ended. */
    volatile boolean stalls;

    private HttpsPlace(HttpsServer server, Path ca) {
        this.server = server;
        this.ca = ca;
    }

    /** What a stand-in answers. */
    record Said(int status, String json) {}

    /** Answers one call. */
    interface Service {
        Said answer(HttpExchange exchange, byte[] body) throws Exception;
    }

    private static @org.jspecify.annotations.Nullable KeyStore shared;

    /**
     * One self-signed certificate for all servers of a test run: making it takes longer than all.
     */
    private static synchronized KeyStore certified() throws Exception {
        KeyStore there = shared;
        if (there == null) {
            Path folder = Files.createTempDirectory("atlas-kek");
            try {
                there = made(folder.resolve("server.p12"));
                shared = there;
            } finally {
                Files.deleteIfExists(folder.resolve("server.p12"));
                Files.deleteIfExists(folder);
            }
        }
        return there;
    }

    private static KeyStore made(Path keys) throws Exception {
        run(
                "-genkeypair",
                "-keystore",
                keys.toString(),
                "-storepass",
                "unimportant",
                "-alias",
                "own",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1,dns:localhost",
                "-ext",
                "bc=ca:true");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(keys)) {
            store.load(in, "unimportant".toCharArray());
        }
        return store;
    }

    static HttpsPlace open(Path folder, Service service) throws Exception {
        KeyStore store = certified();
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(store, "unimportant".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        Path ca = folder.resolve("ca.pem");
        Files.writeString(
                ca,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(store.getCertificate("own").getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        HttpsPlace place = new HttpsPlace(server, ca);
        server.createContext("/", place.handler(service));
        server.start();
        return place;
    }

    private static void run(String... arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError(said);
        }
    }

    private HttpHandler handler(Service service) {
        return exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Said said;
            try {
                said = only != 0 ? new Said(only, "{}") : service.answer(exchange, body);
            } catch (Exception e) {
                said = new Said(500, "{\"message\":\"the stand-in failed: " + e + "\"}");
            }
            if (stalls) {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
                return;
            }
            send(exchange, said);
        };
    }

    private static void send(HttpExchange exchange, Said said) throws IOException {
        byte[] bytes = said.json().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("content-type", "application/json");
        exchange.sendResponseHeaders(said.status(), bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    String origin() {
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
