package atlas.runtime.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EdgeLimitsTest {
    private static final Handler OK = e -> e.respond(200, Headers.none(), new byte[] {'k'});
    private static final Duration SHORT = Duration.ofMillis(400);

    private static TestEdge hasty() {
        return TestEdge.with(OK, limits -> TestLimits.of(limits).times(SHORT).limits());
    }

    private static String rest(SSLSocket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    @Test
    void endsAHeaderThatDrips() throws Exception {
        try (TestEdge edge = hasty();
                SSLSocket socket = edge.socket("http/1.1")) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost".getBytes(ISO_8859_1));
            assertThat(rest(socket)).startsWith("HTTP/1.1 408 ");
            assertThat(edge.edge().stats().timedOut()).isEqualTo(1);
        }
    }

    @Test
    void endsABodyThatDrips() throws Exception {
        try (TestEdge edge = hasty();
                SSLSocket socket = edge.socket("http/1.1")) {
            String part = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1";
            socket.getOutputStream().write(part.getBytes(ISO_8859_1));
            assertThat(rest(socket)).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    void endsABodyThatDripsOnHttp2() throws Exception {
        try (TestEdge edge = hasty();
                Http2Peer peer = Http2Peer.greeted(edge)) {
            peer.post(1);
            peer.frame(Http2Peer.DATA, 0, 1, 1);
            assertThat(peer.outcome(1).type()).isNotEqualTo(Http2Peer.RST_STREAM);
            assertThat(edge.edge().stats().timedOut()).isPositive();
        }
    }

    @Test
    void endsSilence() throws Exception {
        try (TestEdge edge = hasty()) {
            try (SSLSocket socket = edge.socket("http/1.1")) {
                assertThat(rest(socket)).isEmpty();
            }
            try (Http2Peer peer = new Http2Peer(edge)) {
                assertThat(peer.await(-1).type()).isEqualTo(-1);
            }
            try (Socket neverShakesHands =
                    new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
                assertThat(neverShakesHands.getInputStream().readAllBytes()).hasSizeLessThan(64);
            }
        }
    }

    @Test
    void closesPlainHttp() throws Exception {
        try (TestEdge edge = TestEdge.with(OK);
                Socket plain = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
            plain.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1));
            byte[] answer = plain.getInputStream().readAllBytes();
            assertThat(new String(answer, ISO_8859_1)).doesNotContain("HTTP");
        }
    }

    @Test
    void endsAClientThatAsksAndDoesNotRead() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Handler endless =
                exchange -> {
                    try (BodyWriter out = exchange.stream(200, Headers.none())) {
                        while (true) {
                            out.write(new byte[64 << 10]);
                        }
                    } catch (IOException e) {
                        ended.countDown();
                    }
                };
        try (TestEdge edge =
                        TestEdge.with(
                                endless, limits -> TestLimits.of(limits).times(SHORT).limits());
                SSLSocket socket = edge.socket("http/1.1")) {
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1));
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(edge.edge().stats().timedOut()).isEqualTo(1);
        }
    }

    @Test
    void resetsAStreamWhoseWindowStaysShut() throws Exception {
        Handler large = e -> e.respond(200, Headers.none(), new byte[200_000]);
        try (TestEdge edge =
                        TestEdge.with(
                                large, limits -> TestLimits.of(limits).times(SHORT).limits());
                Http2Peer peer = Http2Peer.greeted(edge)) {
            peer.get(1);
            assertThat(peer.await(Http2Peer.RST_STREAM).stream()).isEqualTo(1);
        }
    }

    @Test
    void turnsAwayConnectionsBeyondTheLimit() throws Exception {
        try (TestEdge edge =
                        TestEdge.with(
                                OK,
                                limits -> TestLimits.of(limits).connections(100, 2, 10).limits());
                SSLSocket one = edge.socket("http/1.1");
                SSLSocket two = edge.socket("http/1.1")) {
            assertThat(one.isConnected() && two.isConnected()).isTrue();
            assertThatThrownBy(() -> edge.socket("http/1.1")).isInstanceOf(IOException.class);
            assertThat(edge.edge().stats().turnedAway()).isEqualTo(1);
            assertThat(edge.edge().stats().open()).isEqualTo(2);
        }
    }

    @Test
    void asksForCertificatesAndVerifiesThem() throws Exception {
        Handler who = e -> e.respond(200, Headers.of("x-peer", "" + e.peer().size()), new byte[0]);
        try (TestEdge edge = TestEdge.with(who, limits -> limits, ClientAuth.REQUIRED)) {
            assertThat(peerOf(edge, TestEdge.PKI.workload("spiffe://a/b"))).isEqualTo("1");
            TlsIdentity stranger = new TestPki("test root").workload("spiffe://a/b");
            assertThat(catchThrowable(() -> peerOf(edge, stranger)))
                    .isInstanceOf(IOException.class);
            assertThat(catchThrowable(() -> peerOf(edge))).isInstanceOf(IOException.class);
            TlsIdentity wrongPurpose =
                    TestEdge.PKI.issue(
                            java.util.List.of(),
                            java.util.List.of(KeyPurposeId.id_kp_serverAuth),
                            Duration.ofHours(1));
            assertThat(catchThrowable(() -> peerOf(edge, wrongPurpose)))
                    .isInstanceOf(IOException.class);
        }
        try (TestEdge edge = TestEdge.with(who, limits -> limits, ClientAuth.OPTIONAL)) {
            assertThat(peerOf(edge)).isEqualTo("0");
            assertThat(peerOf(edge, TestEdge.PKI.workload("spiffe://a/b"))).isEqualTo("1");
        }
    }

    private static String peerOf(TestEdge edge, TlsIdentity... identity) throws Exception {
        try (HttpClient client = TestEdge.client(HttpClient.Version.HTTP_2, identity)) {
            return client.send(
                            HttpRequest.newBuilder(edge.uri("/")).build(), BodyHandlers.ofString())
                    .headers()
                    .firstValue("x-peer")
                    .orElseThrow();
        }
    }

    @Test
    void servesNewConnectionsWithAReloadedIdentity() throws Exception {
        try (TestEdge edge = TestEdge.with(OK);
                SSLSocket before = edge.socket("http/1.1")) {
            TlsIdentity next = TestEdge.PKI.server();
            edge.edge().reload(next);
            try (SSLSocket after = edge.socket("http/1.1")) {
                assertThat(after.getSession().getPeerCertificates()[0])
                        .isEqualTo(next.chain().getFirst())
                        .isNotEqualTo(before.getSession().getPeerCertificates()[0]);
            }
            before.getOutputStream()
                    .write(
                            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                                    .getBytes(ISO_8859_1));
            assertThat(rest(before)).startsWith("HTTP/1.1 200 OK");
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void finishesWhatIsInFlightWhenDrained(HttpClient.Version version) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Handler slow =
                exchange -> {
                    begun.countDown();
                    go.await();
                    exchange.respond(200, Headers.none(), new byte[] {'k'});
                };
        try (TestEdge edge = TestEdge.with(slow);
                HttpClient client = TestEdge.client(version)) {
            var answer =
                    client.sendAsync(
                            HttpRequest.newBuilder(edge.uri("/")).build(), BodyHandlers.ofString());
            begun.await();
            CompletableFuture<Boolean> drained =
                    CompletableFuture.supplyAsync(() -> edge.edge().drain(Duration.ofSeconds(20)));
            // Nobody new gets in from the moment the listener is closed.
            Throwable refused = null;
            while (refused == null) {
                refused = catchThrowable(() -> edge.socket("http/1.1").close());
            }
            go.countDown();
            assertThat(answer.get(20, TimeUnit.SECONDS).body()).isEqualTo("k");
            assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void failsAHandlerThatThrowsOrForgetsWithoutDetail() throws Exception {
        Handler broken =
                exchange -> {
                    if (exchange.path().equals("/throw")) {
                        throw new IllegalStateException("hunter2");
                    }
                    if (exchange.path().equals("/error")) {
                        throw new LinkageError("hunter2");
                    }
                };
        try (TestEdge edge = TestEdge.with(broken);
                HttpClient client = TestEdge.client(HttpClient.Version.HTTP_1_1)) {
            for (String path : new String[] {"/throw", "/error", "/forget"}) {
                var answer =
                        client.send(
                                HttpRequest.newBuilder(edge.uri(path)).build(),
                                BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(500);
                assertThat(answer.body()).doesNotContain("hunter2").contains("req_");
            }
        }
    }

    @Test
    void refusesAPortThatIsTakenAndAnIdentityWithoutAKey() {
        try (TestEdge edge = TestEdge.with(OK)) {
            assertThatThrownBy(() ->
                            HttpEdge.start(
                                    new EdgeConfig(
                                            "second",
                                            edge.edge().address(),
                                            TestEdge.PKI.server(),
                                            ClientAuth.NONE,
                                            EdgeLimits.defaults()),
                                    OK))
                    .isInstanceOf(EdgeException.class);
        }
    }
}
