package atlas.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import atlas.core.WorkloadId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An edge on loopback to point outside tools at. Arguments: port, directory for the certificates,
 * and optionally the port of an upstream that asks for a client certificate.
 */
public final class EdgeMain {
    private static final Duration LONG = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(EdgeMain.class);

    private EdgeMain() {}

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        Path directory = Path.of(arguments[1]);
        TestPki pki = new TestPki("tools");
        TlsIdentity identity = pki.server();
        pem(directory.resolve("ca.pem"), "CERTIFICATE", pki.root().getEncoded());
        store(directory, "upstream", pki.server());
        store(directory, "client", pki.workload("spiffe://atlas.test/gateway"));
        Optional<Upstream> upstream =
                arguments.length > 2
                        ? Optional.of(upstream(pki, Integer.parseInt(arguments[2])))
                        : Optional.empty();
        HttpEdge edge =
                HttpEdge.start(
                        new EdgeConfig(
                                "tools",
                                new InetSocketAddress("127.0.0.1", port),
                                identity,
                                ClientAuth.NONE,
                                EdgeLimits.defaults()),
                        exchange -> answer(exchange, upstream));
        LOG.warn("listening on {}", edge.address());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> LOG.warn("{}", edge.stats())));
        new CountDownLatch(1).await();
    }

    private static Upstream upstream(TestPki pki, int port) {
        return Upstream.open(
                new UpstreamConfig(
                        "stub",
                        "localhost",
                        port,
                        Optional.of(pki.workload("spiffe://atlas.test/gateway")),
                        Optional.<WorkloadId>empty(),
                        LONG,
                        LONG,
                        LONG,
                        64,
                        Optional.empty()));
    }

    private static void answer(Exchange exchange, Optional<Upstream> upstream) throws IOException {
        if (upstream.isEmpty()) {
            exchange.respond(
                    200,
                    Headers.of("content-type", "text/plain"),
                    ("hello from " + exchange.path() + "\n").getBytes(UTF_8));
            return;
        }
        UpstreamResponse response =
                upstream.get()
                        .send(
                                exchange.method(),
                                exchange.path(),
                                Headers.of("content-type", "application/json"),
                                exchange.body(),
                                LONG);
        exchange.relay(response.status(), response.headers(), response, new Through());
    }

    private static void store(Path directory, String name, TlsIdentity identity)
            throws IOException, CertificateEncodingException {
        pem(directory.resolve(name + ".key"), "PRIVATE KEY", identity.key().getEncoded());
        pem(
                directory.resolve(name + ".pem"),
                "CERTIFICATE",
                identity.chain().getFirst().getEncoded());
    }

    private static void pem(Path file, String kind, byte[] der) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(
                file, "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
    }

    private static final class Through implements StreamFilter {
        @Override
        public void chunk(byte[] buffer, int offset, int length, ByteSink out) {
            out.write(buffer, offset, length);
        }

        @Override
        public CompletionStage<Void> end(Optional<Throwable> failure, ByteSink out) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void cancelled() {}
    }
}
