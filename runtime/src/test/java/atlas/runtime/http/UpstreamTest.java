package atlas.runtime.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import atlas.core.WorkloadId;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final WorkloadId NODE = new WorkloadId("atlas.test", "/node");
    private static final TestPki PKI = TestEdge.PKI;

    static UpstreamConfig config(int port, Optional<TlsIdentity> tls, Optional<WorkloadId> peer) {
        return new UpstreamConfig(
                "node", "127.0.0.1", port, tls, peer, LONG, LONG, LONG, 4, Optional.empty());
    }

    private static HttpEdge node(Handler handler, TlsIdentity identity) {
        return HttpEdge.start(
                new EdgeConfig(
                        "node",
                        new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        identity,
                        ClientAuth.REQUIRED,
                        EdgeLimits.defaults()),
                handler);
    }

    private static UpstreamException failure(Upstream upstream) {
        UpstreamException failure =
                catchThrowableOfType(
                        UpstreamException.class,
                        () -> {
                            try (UpstreamResponse response =
                                    upstream.send("GET", "/", Headers.none(), new byte[0], LONG)) {
                                assertThat(response.body(1 << 20)).isNotNull();
                            }
                        });
        assertThat(failure).isNotNull();
        return failure;
    }

    @Test
    void connectsNowhereThatEgressDoesNotPermit() throws Exception {
        try (var server = new java.net.ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var asked = new java.util.ArrayList<java.net.InetSocketAddress>();
            try (Upstream upstream =
                    Upstream.open(
                            config(server.getLocalPort(), Optional.empty(), Optional.empty()),
                            to -> {
                                asked.add(to);
                                return false;
                            })) {
                UpstreamException failure = failure(upstream);
                assertThat(failure.kind()).isEqualTo(UpstreamException.Kind.CONNECT);
                assertThat(failure).hasMessageContaining("the network policy does not allow");
            }
            assertThat(asked)
                    .singleElement()
                    .isEqualTo(
                            new java.net.InetSocketAddress(
                                    InetAddress.getLoopbackAddress(), server.getLocalPort()));
            // Nobody is waiting to be accepted: not one packet went out.
            server.setSoTimeout(1);
            org.assertj.core.api.Assertions.assertThatThrownBy(server::accept)
                    .isInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    @Test
    void callsTheExpectedWorkloadWithItsOwnCertificateAndReusesConnections() throws Exception {
        Handler handler =
                exchange ->
                        exchange.respond(
                                200,
                                Headers.of("x-peer", String.valueOf(exchange.peer().size())),
                                exchange.body());
        try (HttpEdge node = node(handler, PKI.workload(NODE.uri()));
                Upstream upstream =
                        Upstream.open(
                                config(
                                        node.address().getPort(),
                                        Optional.of(PKI.workload("spiffe://atlas.test/gateway")),
                                        Optional.of(NODE)))) {
            for (int i = 0; i < 20; i++) {
                try (UpstreamResponse response =
                        upstream.send(
                                "POST",
                                "/v1/x?y=1",
                                Headers.none(),
                                "hello".getBytes(UTF_8),
                                LONG)) {
                    assertThat(response.status()).isEqualTo(200);
                    assertThat(response.headers().first("X-Peer")).contains("1");
                    assertThat(response.body(100)).asString().isEqualTo("hello");
                }
            }
            assertThat(node.stats().accepted()).isLessThanOrEqualTo(4);
            assertThat(upstream.health().reachable()).isTrue();
            assertThat(upstream.health().inUse()).isZero();
        }
    }

    @Test
    void showsARenewedCertificateFromTheNextCallOn() throws Exception {
        TlsIdentity first = PKI.workload("spiffe://atlas.test/gateway");
        TlsIdentity second = PKI.workload("spiffe://atlas.test/gateway");
        Handler handler =
                exchange ->
                        exchange.respond(
                                200,
                                Headers.of("x-serial", serial(exchange.peer().getFirst())),
                                new byte[0]);
        try (HttpEdge node = node(handler, PKI.workload(NODE.uri()));
                Upstream upstream =
                        Upstream.open(
                                config(
                                        node.address().getPort(),
                                        Optional.of(first),
                                        Optional.of(NODE)))) {
            assertThat(shown(upstream)).isEqualTo(serial(first.chain().getFirst()));
            try (UpstreamResponse underWay =
                    upstream.send("GET", "/", Headers.none(), new byte[0], LONG)) {
                upstream.reload(second);

                assertThat(shown(upstream)).isEqualTo(serial(second.chain().getFirst()));
                assertThat(underWay.body(10)).isEmpty();
            }
            for (int i = 0; i < 8; i++) {
                assertThat(shown(upstream)).isEqualTo(serial(second.chain().getFirst()));
            }
            assertThat(upstream.health().inUse()).isZero();
            assertThat(upstream.health().open()).isBetween(1, 4);
        }
    }

    private static String shown(Upstream upstream) throws UpstreamException {
        try (UpstreamResponse response =
                upstream.send("GET", "/", Headers.none(), new byte[0], LONG)) {
            assertThat(response.body(10)).isEmpty();
            return response.headers().first("x-serial").orElse("");
        }
    }

    private static String serial(X509Certificate certificate) {
        return certificate.getSerialNumber().toString(16);
    }

    @Test
    void refusesAPeerThatIsSomebodyElse() {
        List<TlsIdentity> wrong =
                List.of(
                        PKI.workload("spiffe://atlas.test/other"),
                        new TestPki("other root").workload(NODE.uri()),
                        PKI.issue(
                                List.of(
                                        new GeneralName(
                                                GeneralName.uniformResourceIdentifier, NODE.uri())),
                                List.of(KeyPurposeId.id_kp_clientAuth),
                                Duration.ofHours(1)),
                        PKI.issue(
                                List.of(
                                        new GeneralName(
                                                GeneralName.uniformResourceIdentifier, NODE.uri()),
                                        new GeneralName(
                                                GeneralName.uniformResourceIdentifier,
                                                "spiffe://atlas.test/two")),
                                List.of(KeyPurposeId.id_kp_serverAuth),
                                Duration.ofHours(1)),
                        PKI.issue(
                                List.of(
                                        new GeneralName(
                                                GeneralName.uniformResourceIdentifier, NODE.uri())),
                                List.of(KeyPurposeId.id_kp_serverAuth),
                                Duration.ofMinutes(-1)));
        for (TlsIdentity identity : wrong) {
            TlsIdentity serving =
                    new TlsIdentity(identity.key(), identity.chain(), List.of(PKI.root()));
            try (HttpEdge node = node(exchange -> {}, serving);
                    Upstream upstream =
                            Upstream.open(
                                    config(
                                            node.address().getPort(),
                                            Optional.of(PKI.workload("spiffe://atlas.test/g")),
                                            Optional.of(NODE)))) {
                assertThat(failure(upstream).kind()).isEqualTo(UpstreamException.Kind.TLS);
                assertThat(upstream.health().reachable()).isFalse();
            }
        }
    }

    @Test
    void checksTheHostNameWhenNoWorkloadIsExpected() throws Exception {
        try (HttpEdge node =
                        node(
                                e -> e.respond(204, Headers.none(), new byte[0]),
                                new TlsIdentity(
                                        PKI.server().key(),
                                        PKI.server().chain(),
                                        List.of(PKI.root())));
                Upstream wrong =
                        Upstream.open(
                                config(
                                        node.address().getPort(),
                                        Optional.of(new TestPki("x").workload("spiffe://x/y")),
                                        Optional.empty()))) {
            assertThat(failure(wrong).kind()).isEqualTo(UpstreamException.Kind.TLS);
        }
        TlsIdentity server = PKI.server();
        try (HttpEdge node = node(e -> e.respond(204, Headers.none(), new byte[0]), server);
                Upstream upstream =
                        Upstream.open(
                                config(
                                        node.address().getPort(),
                                        Optional.of(PKI.workload("spiffe://x/y")),
                                        Optional.empty()));
                UpstreamResponse response =
                        upstream.send("GET", "/", Headers.none(), new byte[0], LONG)) {
            assertThat(response.status()).isEqualTo(204);
        }
    }

    @Test
    void refusesPlaintextBeyondLoopback() {
        try (Upstream upstream =
                Upstream.open(
                        new UpstreamConfig(
                                "far",
                                "192.0.2.1",
                                80,
                                Optional.empty(),
                                Optional.empty(),
                                LONG,
                                LONG,
                                LONG,
                                1,
                                Optional.empty()))) {
            assertThat(failure(upstream).kind()).isEqualTo(UpstreamException.Kind.TLS);
        }
    }

    /** A plaintext peer that answers every connection's first request with fixed bytes. */
    private static ServerSocket canned(String answer) throws IOException {
        ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual()
                .start(() -> {
                    while (!listener.isClosed()) {
                        try {
                            Socket socket = listener.accept();
                            Thread.ofVirtual().start(() -> answer(socket, answer));
                        } catch (IOException e) {
                            return;
                        }
                    }
                });
        return listener;
    }

    private static void answer(Socket socket, String answer) {
        try (socket) {
            byte[] buffer = new byte[4096];
            int unused = socket.getInputStream().read(buffer);
            socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\n\r\nuntil close",
                "HTTP/1.1 200 OK\r\n"
                        + "content-length: 3\r\n"
                        + "transfer-encoding: chunked\r\n\r\n"
                        + "0\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc",
                "HTTP/1.1 200 OK\ncontent-length: 0\n\n",
                "HTTP/1.1 200 OK\r\ncontent-length : 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 0\r\n\r\n",
                "HTTP/1.1 101 Switching\r\n\r\n",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
                "HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n",
                "ICY 200 OK\r\ncontent-length: 0\r\n\r\n"
            })
    void refusesAnswersWithMoreThanOneMeaning(String answer) throws Exception {
        try (ServerSocket peer = canned(answer);
                Upstream upstream =
                        Upstream.open(
                                config(peer.getLocalPort(), Optional.empty(), Optional.empty()))) {
            assertThat(failure(upstream).kind()).isEqualTo(UpstreamException.Kind.PROTOCOL);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
                "HTTP/1.1 200"
            })
    void noticesAnAnswerThatBreaksOff(String answer) throws Exception {
        try (ServerSocket peer = canned(answer);
                Upstream upstream =
                        Upstream.open(
                                config(peer.getLocalPort(), Optional.empty(), Optional.empty()))) {
            assertThat(failure(upstream).kind()).isEqualTo(UpstreamException.Kind.CLOSED);
            assertThat(upstream.health().inUse()).isZero();
        }
    }

    @Test
    void skipsInterimAnswersAndReadsChunks() throws Exception {
        String answer =
                "HTTP/1.1 103 Early Hints\r\n"
                        + "link: x\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\n"
                        + "transfer-encoding: chunked\r\n\r\n"
                        + "2;a=b\r\n"
                        + "ab\r\n"
                        + "1\r\n"
                        + "c\r\n"
                        + "0\r\n"
                        + "t: v\r\n\r\n";
        try (ServerSocket peer = canned(answer);
                Upstream upstream =
                        Upstream.open(
                                config(peer.getLocalPort(), Optional.empty(), Optional.empty()));
                UpstreamResponse response =
                        upstream.send("GET", "/", Headers.none(), new byte[0], LONG);
                InputStream body = response.stream()) {
            assertThat(body.readAllBytes()).asString().isEqualTo("abc");
        }
    }

    @Test
    void boundsTheBodyTheTimeAndThePool() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        Handler handler =
                exchange -> {
                    if (exchange.path().equals("/wait")) {
                        done.await();
                    }
                    int length = exchange.path().equals("/large") ? 100_000 : 1000;
                    exchange.respond(200, Headers.none(), new byte[length]);
                };
        try (HttpEdge node = node(handler, PKI.workload(NODE.uri()));
                Upstream upstream =
                        Upstream.open(
                                new UpstreamConfig(
                                        "node",
                                        "127.0.0.1",
                                        node.address().getPort(),
                                        Optional.of(PKI.workload("spiffe://atlas.test/g")),
                                        Optional.of(NODE),
                                        Duration.ofMillis(2500),
                                        LONG,
                                        LONG,
                                        1,
                                        Optional.empty()))) {
            try (UpstreamResponse response =
                    upstream.send("GET", "/", Headers.none(), new byte[0], LONG)) {
                UpstreamException large =
                        catchThrowableOfType(UpstreamException.class, () -> response.body(999));
                assertThat(large.kind()).isEqualTo(UpstreamException.Kind.TOO_LARGE);
            }
            UpstreamException late =
                    catchThrowableOfType(
                            UpstreamException.class,
                            () ->
                                    upstream.send(
                                            "GET",
                                            "/wait",
                                            Headers.none(),
                                            new byte[0],
                                            Duration.ofMillis(300)));
            assertThat(late.kind()).isEqualTo(UpstreamException.Kind.TIMEOUT);
            try (UpstreamResponse first =
                    upstream.send("GET", "/large", Headers.none(), new byte[0], LONG)) {
                UpstreamResponse held = first;
                assertThat(held.status()).isEqualTo(200);
                UpstreamException full =
                        catchThrowableOfType(
                                UpstreamException.class,
                                () -> upstream.send("GET", "/", Headers.none(), new byte[0], LONG));
                assertThat(full.kind()).isEqualTo(UpstreamException.Kind.POOL_EXHAUSTED);
            }
            // A small answer is here with its head and holds no connection.
            try (UpstreamResponse small =
                            upstream.send("GET", "/", Headers.none(), new byte[0], LONG);
                    UpstreamResponse next =
                            upstream.send("GET", "/", Headers.none(), new byte[0], LONG)) {
                assertThat(next.body(1000)).hasSize(1000);
                assertThat(small.stream().readAllBytes()).hasSize(1000);
            }
            done.countDown();
        }
    }

    @Test
    void sendsOnceMoreWhenAPooledConnectionHadClosed() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Handler handler =
                exchange -> {
                    calls.incrementAndGet();
                    exchange.respond(200, Headers.none(), new byte[0]);
                };
        TlsIdentity identity = PKI.workload(NODE.uri());
        HttpEdge node = node(handler, identity);
        try (Upstream upstream =
                Upstream.open(
                        config(
                                node.address().getPort(),
                                Optional.of(PKI.workload("spiffe://atlas.test/g")),
                                Optional.of(NODE)))) {
            for (int round = 0; round < 3; round++) {
                try (UpstreamResponse response =
                        upstream.send("GET", "/", Headers.none(), new byte[0], LONG)) {
                    assertThat(response.body(10)).isEmpty();
                }
                int port = node.address().getPort();
                node.close();
                node =
                        HttpEdge.start(
                                new EdgeConfig(
                                        "node",
                                        new java.net.InetSocketAddress("127.0.0.1", port),
                                        identity,
                                        ClientAuth.REQUIRED,
                                        EdgeLimits.defaults()),
                                handler);
                // The pool learns of the closing on its own loop; what it has not learnt of yet
                // fails as closed and is not sent twice.
                while (upstream.health().open() > 0) {
                    Thread.onSpinWait();
                }
            }
            assertThat(calls.get()).isEqualTo(3);
        } finally {
            node.close();
        }
    }

    @Test
    void speaksOverAUnixSocket(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("s");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path));
            Thread.ofVirtual()
                    .start(() -> {
                        try (SocketChannel socket = listener.accept()) {
                            int unused = socket.read(ByteBuffer.allocate(4096));
                            String answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                            int sent = socket.write(ByteBuffer.wrap(answer.getBytes(ISO_8859_1)));
                            assertThat(sent).isPositive();
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
            try (Upstream upstream =
                            Upstream.open(
                                    new UpstreamConfig(
                                            "child",
                                            "",
                                            0,
                                            Optional.empty(),
                                            Optional.empty(),
                                            LONG,
                                            LONG,
                                            LONG,
                                            1,
                                            Optional.of(path)));
                    UpstreamResponse response =
                            upstream.send("GET", "/", Headers.none(), new byte[0], LONG)) {
                assertThat(response.body(10)).asString().isEqualTo("ok");
            }
        }
    }
}
