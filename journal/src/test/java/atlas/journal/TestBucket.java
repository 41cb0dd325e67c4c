package atlas.journal;

import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.journal.shared.SharedLog;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * What S3 documents of GET, PUT with {@code If-None-Match: *} and {@code If-Match}, DELETE and
 * ListObjectsV2, in memory and on this machine only. It is not S3: it holds the client to the
 * documented contract, it does not show that any store keeps to it. Requests must carry a signature
 * of the right form and the hash of their body.
 */
final class TestBucket implements AutoCloseable {
    static final String NAME = "atlas-test";

    private final HttpServer server;
    private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    volatile boolean away;

    TestBucket() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        server.createContext("/" + NAME, this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    SharedLog.Bucket address() {
        return address(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
    }

    static SharedLog.Bucket address(URI endpoint) {
        return new SharedLog.Bucket(
                endpoint,
                "eu-central-1",
                NAME,
                java.util.Optional.of("log/one"),
                "AKIDEXAMPLE",
                Sensitive.of("secret"));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            String key = path.substring(Math.min(path.length(), NAME.length() + 2));
            if (away) {
                reply(exchange, 503, new byte[0]);
            } else if (!signed(exchange, body)) {
                reply(exchange, 403, new byte[0]);
            } else {
                switch (exchange.getRequestMethod()) {
                    case "GET" -> get(exchange, key);
                    case "PUT" -> put(exchange, key, body);
                    case "DELETE" -> {
                        objects.remove(key);
                        reply(exchange, 204, new byte[0]);
                    }
                    default -> reply(exchange, 405, new byte[0]);
                }
            }
        }
    }

    private static boolean signed(HttpExchange exchange, byte[] body) {
        String authorization =
                Objects.requireNonNullElse(
                        exchange.getRequestHeaders().getFirst("Authorization"), "");
        String hash = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
        return authorization.matches(
                        "AWS4-HMAC-SHA256"
                                + " Credential=AKIDEXAMPLE/\\d{8}/eu-central-1/s3/aws4_request,"
                                + "SignedHeaders=[a-z0-9;-]+,Signature=[0-9a-f]{64}")
                && Hashes.sha256(body).hex().equals(hash);
    }

    private void get(HttpExchange exchange, String key) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        if (query != null) {
            list(exchange, query);
            return;
        }
        byte[] content = objects.get(key);
        if (content == null) {
            reply(exchange, 404, new byte[0]);
            return;
        }
        exchange.getResponseHeaders().set("ETag", tag(content));
        reply(exchange, 200, content);
    }

    private void list(HttpExchange exchange, String query) throws IOException {
        Map<String, String> parameters =
                List.of(query.split("&")).stream()
                        .map(one -> one.split("=", 2))
                        .collect(
                                Collectors.toMap(
                                        one -> one[0], one -> one[1], (a, _) -> a, TreeMap::new));
        String prefix = Objects.requireNonNull(parameters.get("prefix"));
        String delimiter = Objects.requireNonNull(parameters.get("delimiter"));
        String keys =
                objects.tailMap(prefix).keySet().stream()
                        .takeWhile(key -> key.startsWith(prefix))
                        .filter(key -> !key.substring(prefix.length()).contains(delimiter))
                        .map(key -> "<Contents><Key>" + key + "</Key></Contents>")
                        .collect(Collectors.joining());
        reply(
                exchange,
                200,
                ("<ListBucketResult><Name>"
                                + NAME
                                + "</Name><IsTruncated>false</IsTruncated>"
                                + keys
                                + "</ListBucketResult>")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private void put(HttpExchange exchange, String key, byte[] body) throws IOException {
        String absent = exchange.getRequestHeaders().getFirst("If-None-Match");
        String match = exchange.getRequestHeaders().getFirst("If-Match");
        int[] status = {200};
        objects.compute(
                key,
                (_, there) -> {
                    boolean refused =
                            (absent != null && there != null)
                                    || (match != null
                                            && (there == null || !tag(there).equals(match)));
                    status[0] = refused ? 412 : 200;
                    return refused ? there : body;
                });
        reply(exchange, status[0], new byte[0]);
    }

    private static String tag(byte[] content) {
        return '"' + Hashes.sha256(content).hex().substring(0, 32) + '"';
    }

    private static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
        boolean none = body.length == 0;
        exchange.sendResponseHeaders(status, none ? -1 : body.length);
        if (!none) {
            exchange.getResponseBody().write(body);
        }
    }

    /** Writes every object under its key's name below a directory. */
    Path copyTo(Path directory) throws IOException {
        String prefix = address().prefix().orElseThrow() + "/";
        for (Map.Entry<String, byte[]> object : objects.entrySet()) {
            Path file = directory.resolve(object.getKey().substring(prefix.length()));
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            Files.write(file, object.getValue());
        }
        return directory;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
