package atlas.runtime.http;

import static atlas.runtime.http.Http2Peer.CONTINUATION;
import static atlas.runtime.http.Http2Peer.DATA;
import static atlas.runtime.http.Http2Peer.END_HEADERS;
import static atlas.runtime.http.Http2Peer.END_STREAM;
import static atlas.runtime.http.Http2Peer.GOAWAY;
import static atlas.runtime.http.Http2Peer.HEADERS;
import static atlas.runtime.http.Http2Peer.PING;
import static atlas.runtime.http.Http2Peer.PRIORITY;
import static atlas.runtime.http.Http2Peer.RST_STREAM;
import static atlas.runtime.http.Http2Peer.SETTINGS;
import static atlas.runtime.http.Http2Peer.WINDOW_UPDATE;
import static atlas.runtime.http.Http2Peer.request;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.runtime.http.Http2Peer.Frame;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Floods that cost the sender nothing: each must end the connection, calmly. */
class Http2AbuseTest {
    private static final int ENHANCE_YOUR_CALM = 11;

    private final CountDownLatch release = new CountDownLatch(1);
    private final TestEdge edge =
            TestEdge.with(exchange -> {
                release.await();
                exchange.respond(200, Headers.none(), new byte[0]);
            });

    @AfterEach
    void stop() {
        release.countDown();
        edge.close();
    }

    private interface Round {
        void send(Http2Peer peer, int i) throws IOException;
    }

    private void endsCalmly(int rounds, Round round) throws IOException {
        try (Http2Peer peer = Http2Peer.greeted(edge)) {
            for (int i = 0; i < rounds; i++) {
                round.send(peer, i);
            }
            Frame end = peer.await(GOAWAY);
            if (end.type() == GOAWAY) {
                assertThat(end.error()).isEqualTo(ENHANCE_YOUR_CALM);
            }
            assertThat(peer.await(-1).type()).isEqualTo(-1);
        }
        assertThat(edge.edge().stats().floods()).isEqualTo(1);
    }

    @Test
    void rapidReset() throws IOException {
        endsCalmly(
                400,
                (peer, i) -> {
                    peer.get(2 * i + 1);
                    peer.frame(RST_STREAM, 0, 2 * i + 1, 0, 0, 0, 8);
                });
    }

    @Test
    void resetsThatTheEdgeIsMadeToSend() throws IOException {
        endsCalmly(
                400,
                (peer, i) -> {
                    peer.post(2 * i + 1);
                    peer.frame(WINDOW_UPDATE, 0, 2 * i + 1, 0, 0, 0, 0);
                });
    }

    @Test
    void pings() throws IOException {
        endsCalmly(1200, (peer, _) -> peer.frame(PING, 0, 0, new byte[8]));
    }

    @Test
    void settings() throws IOException {
        endsCalmly(1200, (peer, _) -> peer.frame(SETTINGS, 0, 0, 0, 4, 0, 0, 0, 1));
    }

    @Test
    void priorities() throws IOException {
        endsCalmly(1200, (peer, i) -> peer.frame(PRIORITY, 0, 2 * i + 1, 0, 0, 0, 0, 1));
    }

    @Test
    void framesOfUnknownTypes() throws IOException {
        endsCalmly(1200, (peer, _) -> peer.frame(77, 0, 0, 1));
    }

    @Test
    void windowUpdates() throws IOException {
        endsCalmly(5000, (peer, _) -> peer.frame(WINDOW_UPDATE, 0, 0, 0, 0, 0, 1));
    }

    @Test
    void emptyDataFrames() throws IOException {
        endsCalmly(
                100,
                (peer, i) -> {
                    if (i == 0) {
                        peer.post(1);
                    }
                    peer.frame(DATA, 0, 1);
                });
    }

    @Test
    void continuations() throws IOException {
        endsCalmly(
                100,
                (peer, i) -> {
                    if (i == 0) {
                        peer.frame(HEADERS, END_STREAM, 1, request("GET"));
                    }
                    peer.frame(CONTINUATION, 0, 1);
                });
    }

    @Test
    void aHeaderThatGrowsWithoutEnd() throws IOException {
        try (Http2Peer peer = Http2Peer.greeted(edge)) {
            peer.frame(HEADERS, END_STREAM, 1, request("GET"));
            byte[] more = Http2Peer.fields("x", "y".repeat(16000));
            for (int i = 0; i < 8; i++) {
                peer.frame(CONTINUATION, i == 7 ? END_HEADERS : 0, 1, more);
            }
            Frame end = peer.outcome(1);
            assertThat(end.type()).isIn(RST_STREAM, GOAWAY, HEADERS, DATA, -1);
        }
        assertThat(edge.edge().stats().requests()).isZero();
    }
}
