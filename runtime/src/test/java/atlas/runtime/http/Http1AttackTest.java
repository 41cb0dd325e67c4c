package atlas.runtime.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One file per attack: its first line is the status expected, the rest goes out as it stands. */
class Http1AttackTest {
    private static final AtomicInteger HANDLED = new AtomicInteger();
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final TestEdge EDGE =
            TestEdge.with(
                    exchange -> {
                        HANDLED.incrementAndGet();
                        exchange.respond(200, Headers.none(), exchange.body());
                    },
                    limits -> TestLimits.of(limits).maxBodyBytes(64 << 10).limits());

    @AfterAll
    static void stop() {
        EDGE.close();
    }

    static List<Path> attacks() throws IOException, URISyntaxException {
        Path folder =
                Path.of(
                        Objects.requireNonNull(
                                        Http1AttackTest.class.getResource("/runtime/attacks"))
                                .toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".http")).sorted().toList();
        }
    }

    private static String exchange(byte[] bytes) throws IOException {
        try (SSLSocket socket = EDGE.socket("http/1.1")) {
            try {
                socket.getOutputStream().write(bytes);
                socket.getOutputStream().flush();
            } catch (SocketException e) {
                // The edge may have heard enough; its answer is read all the same.
                assertThat(e).hasMessageContaining("roken");
            }
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void refusesAndHangsUp(Path attack) throws IOException {
        int before = HANDLED.get();
        String file = Files.readString(attack, ISO_8859_1);
        int line = file.indexOf('\n');
        String status = file.substring(0, line);
        String answer = exchange((file.substring(line + 1) + SMUGGLED).getBytes(ISO_8859_1));
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("\r\nconnection: close\r\n", "\r\nx-request-id: req_")
                .contains("\r\ncontent-type: application/problem+json\r\n", "\"status\":" + status)
                .doesNotContainIgnoringCase("\r\nserver:");
        assertThat(answer.split("(?m)^HTTP/1\\.1 ", -1)).hasSize(2);
        assertThat(HANDLED.get()).isEqualTo(before);
    }

    @Test
    void hasACorpus() throws Exception {
        assertThat(attacks()).hasSizeGreaterThan(100);
    }

    @Test
    void answersPipelinedRequestsInOrderOneAtATime() throws IOException {
        String requests =
                "POST /1 HTTP/1.1\r\n"
                        + "Host: a\r\n"
                        + "Content-Length: 3\r\n\r\n"
                        + "one\r\n"
                        + "POST https://a/2?q HTTP/1.1\r\n"
                        + "host:a\r\n"
                        + "Transfer-Encoding: Chunked\r\n\r\n"
                        + "2;x=\"y\"\r\n"
                        + "tw\r\n"
                        + "1\r\n"
                        + "o\r\n"
                        + "0\r\n"
                        + "T: v\r\n\r\n"
                        + "POST /3 HTTP/1.1\r\n"
                        + "Host: a\r\n"
                        + "Connection: x, Close\r\n"
                        + "Content-Length: 5\r\n\r\n"
                        + "three"
                        + SMUGGLED;
        String answer = exchange(requests.getBytes(ISO_8859_1));
        assertThat(answer).containsSubsequence("\r\n\r\none", "\r\n\r\ntwo", "\r\n\r\nthree");
        assertThat(answer.split("HTTP/1\\.1 200 OK", -1)).hasSize(4);
    }

    @Test
    void takesARequestInSingleBytes() throws IOException {
        byte[] request =
                ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
                                + "\r\n3\r\nabc\r\n0\r\n\r\n")
                        .getBytes(ISO_8859_1);
        try (SSLSocket socket = EDGE.socket("http/1.1")) {
            for (byte b : request) {
                socket.getOutputStream().write(b);
            }
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 200 OK")
                    .endsWith("abc");
        }
    }

    @Test
    void asksForTheBodyOfAClientThatWaits() throws IOException {
        try (SSLSocket socket = EDGE.socket("http/1.1")) {
            String head =
                    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                            + "Connection: close\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(ISO_8859_1));
            assertThat(new String(socket.getInputStream().readNBytes(25), ISO_8859_1))
                    .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            socket.getOutputStream().write("ok".getBytes(ISO_8859_1));
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 200 OK")
                    .endsWith("ok");
        }
    }
}
