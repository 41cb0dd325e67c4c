package atlas.runtime.http;

import static atlas.runtime.http.Http2Peer.DATA;
import static atlas.runtime.http.Http2Peer.END_HEADERS;
import static atlas.runtime.http.Http2Peer.END_STREAM;
import static atlas.runtime.http.Http2Peer.GOAWAY;
import static atlas.runtime.http.Http2Peer.HEADERS;
import static atlas.runtime.http.Http2Peer.RST_STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.runtime.http.Http2Peer.Frame;
import java.io.IOException;
import org.junit.jupiter.api.DynamicTest;

/**
 * What a conformance case must lead to. One that must fail may end in GOAWAY, in RST_STREAM where
 * the RFC speaks of a stream, or in a close.
 */
final class Http2Cases {
    private Http2Cases() {}

    static final TestEdge EDGE =
            TestEdge.with(e ->
                    e.respond(200, Headers.none(), ("got " + e.body().length).getBytes(UTF_8)));

    static final int PROTOCOL_ERROR = 1;
    static final int FLOW_CONTROL_ERROR = 3;
    static final int STREAM_CLOSED = 5;
    static final int FRAME_SIZE_ERROR = 6;
    static final int COMPRESSION_ERROR = 9;

    interface Talk {
        void with(Http2Peer peer) throws IOException;
    }

    static DynamicTest test(String name, Talk talk) {
        return DynamicTest.dynamicTest(
                name,
                () -> {
                    try (Http2Peer peer = Http2Peer.greeted(EDGE)) {
                        talk.with(peer);
                    }
                });
    }

    /** The connection must end with one of these errors. */
    static DynamicTest connectionError(String name, Talk talk, Integer... errors) {
        return test(
                name,
                peer -> {
                    talk.with(peer);
                    Frame end = peer.await(GOAWAY);
                    if (end.type() == GOAWAY) {
                        assertThat(end.error()).isIn((Object[]) errors);
                    }
                    assertThat(peer.await(-1).type()).isEqualTo(-1);
                });
    }

    /** Stream 1 must be reset, or the connection end, with one of these errors. */
    static DynamicTest streamError(String name, Talk talk, Integer... errors) {
        return test(
                name,
                peer -> {
                    talk.with(peer);
                    Frame end = peer.outcome(1);
                    assertThat(end.type()).isIn(RST_STREAM, GOAWAY, -1);
                    if (end.type() != -1) {
                        assertThat(end.error()).isIn((Object[]) errors);
                    }
                });
    }

    /** Stream 1 must be answered with 200 (static table index 8) or an own refusal. */
    static DynamicTest answered(String name, Talk talk) {
        return test(
                name,
                peer -> {
                    talk.with(peer);
                    Frame end = peer.outcome(1);
                    assertThat(end.type()).isEqualTo(DATA);
                    assertThat(end.endStream()).isTrue();
                });
    }

    static DynamicTest malformed(String name, byte[] section) {
        return streamError(
                name,
                peer -> peer.frame(HEADERS, END_HEADERS | END_STREAM, 1, section),
                PROTOCOL_ERROR);
    }

    static void closeFirst(Http2Peer peer) throws IOException {
        peer.get(1);
        assertThat(peer.outcome(1).type()).isEqualTo(DATA);
    }

    static byte[] join(byte[] one, byte[] other) {
        byte[] all = java.util.Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, all, one.length, other.length);
        return all;
    }

    static byte[] setting(int id, int value) {
        return new byte[] {
            (byte) (id >> 8),
            (byte) id,
            (byte) (value >> 24),
            (byte) (value >> 16),
            (byte) (value >> 8),
            (byte) value
        };
    }
}
