package atlas.runtime.http;

import static atlas.runtime.http.Http2Peer.ACK;
import static atlas.runtime.http.Http2Peer.CONTINUATION;
import static atlas.runtime.http.Http2Peer.DATA;
import static atlas.runtime.http.Http2Peer.END_HEADERS;
import static atlas.runtime.http.Http2Peer.END_STREAM;
import static atlas.runtime.http.Http2Peer.GOAWAY;
import static atlas.runtime.http.Http2Peer.HAS_PRIORITY;
import static atlas.runtime.http.Http2Peer.HEADERS;
import static atlas.runtime.http.Http2Peer.PADDED;
import static atlas.runtime.http.Http2Peer.PING;
import static atlas.runtime.http.Http2Peer.PRIORITY;
import static atlas.runtime.http.Http2Peer.PUSH_PROMISE;
import static atlas.runtime.http.Http2Peer.RST_STREAM;
import static atlas.runtime.http.Http2Peer.SETTINGS;
import static atlas.runtime.http.Http2Peer.WINDOW_UPDATE;
import static atlas.runtime.http.Http2Peer.fields;
import static atlas.runtime.http.Http2Peer.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.runtime.http.Http2Peer.Frame;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The conformance cases of RFC 9113 and RFC 7541 as hand-written frames, by section. A case that
 * must fail may end in GOAWAY, in RST_STREAM where the RFC speaks of a stream, or in a close.
 */
class Http2ConformanceTest {
    private static final TestEdge EDGE =
            TestEdge.with(e -> e.respond(200, Headers.none(), ("got " + e.body().length).getBytes(UTF_8)));

    private static final int PROTOCOL_ERROR = 1;
    private static final int FLOW_CONTROL_ERROR = 3;
    private static final int STREAM_CLOSED = 5;
    private static final int FRAME_SIZE_ERROR = 6;
    private static final int COMPRESSION_ERROR = 9;

    private interface Talk {
        void with(Http2Peer peer) throws IOException;
    }

    @AfterAll
    static void stop() {
        EDGE.close();
    }

    private static DynamicTest test(String name, Talk talk) {
        return DynamicTest.dynamicTest(
                name,
                () -> {
                    try (Http2Peer peer = Http2Peer.greeted(EDGE)) {
                        talk.with(peer);
                    }
                });
    }

    /** The connection must end with one of these errors. */
    private static DynamicTest connectionError(String name, Talk talk, Integer... errors) {
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
    private static DynamicTest streamError(String name, Talk talk, Integer... errors) {
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
    private static DynamicTest answered(String name, Talk talk) {
        return test(
                name,
                peer -> {
                    talk.with(peer);
                    Frame end = peer.outcome(1);
                    assertThat(end.type()).isEqualTo(DATA);
                    assertThat(end.endStream()).isTrue();
                });
    }

    private static DynamicTest malformed(String name, byte[] section) {
        return streamError(
                name,
                peer -> peer.frame(HEADERS, END_HEADERS | END_STREAM, 1, section),
                PROTOCOL_ERROR);
    }

    @TestFactory
    List<DynamicTest> preface3Point4() {
        return List.of(
                answered("3.4 a request after the preface is answered", p -> p.get(1)),
                DynamicTest.dynamicTest(
                        "3.4 an invalid preface ends the connection",
                        () -> {
                            try (Http2Peer peer = new Http2Peer(EDGE)) {
                                peer.raw("INVALID CONNECTION PREFACE\r\n\r\n".getBytes(UTF_8));
                                assertThat(peer.await(-1).type()).isEqualTo(-1);
                            }
                        }),
                DynamicTest.dynamicTest(
                        "3.4 a preface not followed by settings ends the connection",
                        () -> {
                            try (Http2Peer peer = new Http2Peer(EDGE)) {
                                peer.preface();
                                peer.get(1);
                                assertThat(peer.await(GOAWAY).type()).isIn(GOAWAY, -1);
                                assertThat(peer.await(-1).type()).isEqualTo(-1);
                            }
                        }));
    }

    @TestFactory
    List<DynamicTest> frames4() {
        return List.of(
                answered(
                        "4.1 frames of unknown types are ignored",
                        p -> {
                            p.frame(22, 0, 0, 1, 2, 3);
                            p.get(1);
                        }),
                answered(
                        "4.1 undefined flags are ignored",
                        p -> {
                            p.frame(PING, 0x16, 0, new byte[8]);
                            p.get(1);
                        }),
                answered(
                        "4.1 the reserved bit is ignored",
                        p -> {
                            p.frame(PING, 0, 0x80000000, new byte[8]);
                            p.get(1);
                        }),
                answered(
                        "4.2 a DATA frame of 2^14 octets is accepted",
                        p -> {
                            p.post(1);
                            p.frame(DATA, END_STREAM, 1, new byte[16384]);
                        }),
                streamError(
                        "4.2 a DATA frame that is too large",
                        p -> {
                            p.post(1);
                            p.frame(DATA, END_STREAM, 1, new byte[16385]);
                        },
                        FRAME_SIZE_ERROR),
                connectionError(
                        "4.2 a HEADERS frame that is too large",
                        p -> p.frame(HEADERS, END_HEADERS | END_STREAM, 1, new byte[16385]),
                        FRAME_SIZE_ERROR),
                connectionError(
                        "4.3 a field section that cannot be decoded",
                        p -> p.frame(HEADERS, END_HEADERS | END_STREAM, 1, 0x40),
                        COMPRESSION_ERROR),
                connectionError(
                        "4.3 another stream's frame within a field block",
                        p -> {
                            p.frame(HEADERS, END_STREAM, 1, request("GET"));
                            p.get(3);
                        },
                        PROTOCOL_ERROR),
                connectionError(
                        "4.3 a PRIORITY frame within a field block",
                        p -> {
                            p.frame(HEADERS, END_STREAM, 1, request("GET"));
                            p.frame(PRIORITY, 0, 1, 0, 0, 0, 0, 255);
                        },
                        PROTOCOL_ERROR));
    }

    @TestFactory
    List<DynamicTest> streams5() {
        return List.of(
                connectionError("5.1 DATA on an idle stream", p -> p.frame(DATA, 1, 1, 1), PROTOCOL_ERROR),
                connectionError(
                        "5.1 RST_STREAM on an idle stream",
                        p -> p.frame(RST_STREAM, 0, 1, 0, 0, 0, 8),
                        PROTOCOL_ERROR),
                connectionError(
                        "5.1 WINDOW_UPDATE on an idle stream",
                        p -> p.frame(WINDOW_UPDATE, 0, 1, 0, 0, 0, 100),
                        PROTOCOL_ERROR),
                connectionError(
                        "5.1 CONTINUATION on an idle stream",
                        p -> p.frame(CONTINUATION, END_HEADERS, 1, request("GET")),
                        PROTOCOL_ERROR),
                streamError(
                        "5.1 DATA on a half-closed stream",
                        p -> p.raw(join(
                                Http2Peer.bytes(HEADERS, 5, 1, request("GET").length, request("GET")),
                                Http2Peer.bytes(DATA, 1, 1, 1, new byte[1]))),
                        STREAM_CLOSED),
                streamError(
                        "5.1 HEADERS on a half-closed stream",
                        p -> p.raw(join(
                                Http2Peer.bytes(HEADERS, 5, 1, request("GET").length, request("GET")),
                                Http2Peer.bytes(HEADERS, 5, 1, request("GET").length, request("GET")))),
                        STREAM_CLOSED,
                        PROTOCOL_ERROR));
    }

    @TestFactory
    List<DynamicTest> closedStreams5() {
        return List.of(
                streamError(
                        "5.1 DATA after our RST_STREAM",
                        p -> {
                            p.post(1);
                            p.frame(RST_STREAM, 0, 1, 0, 0, 0, 8);
                            p.frame(DATA, END_STREAM, 1, 1);
                        },
                        STREAM_CLOSED),
                streamError(
                        "5.1 HEADERS after our RST_STREAM",
                        p -> {
                            p.post(1);
                            p.frame(RST_STREAM, 0, 1, 0, 0, 0, 8);
                            p.get(1);
                        },
                        STREAM_CLOSED,
                        PROTOCOL_ERROR),
                streamError(
                        "5.1 DATA on a closed stream",
                        p -> {
                            closeFirst(p);
                            p.frame(DATA, END_STREAM, 1, 1);
                        },
                        STREAM_CLOSED),
                streamError(
                        "5.1 HEADERS on a closed stream",
                        p -> {
                            closeFirst(p);
                            p.get(1);
                        },
                        STREAM_CLOSED,
                        PROTOCOL_ERROR));
    }

    @TestFactory
    List<DynamicTest> identifiers5() {
        return List.of(
                connectionError("5.1.1 an even stream identifier", p -> p.get(2), PROTOCOL_ERROR),
                connectionError(
                        "5.1.1 a stream identifier lower than the last",
                        p -> {
                            p.get(5);
                            assertThat(p.outcome(5).type()).isEqualTo(DATA);
                            p.get(3);
                        },
                        PROTOCOL_ERROR,
                        STREAM_CLOSED),
                test(
                        "5.1.2 more streams than allowed are refused",
                        p -> {
                            int last = 0;
                            for (int i = 0; i <= 100; i++) {
                                last = 2 * i + 1;
                                p.post(last);
                            }
                            Frame end = p.outcome(last);
                            assertThat(end.type()).isIn(RST_STREAM, GOAWAY);
                            assertThat(end.error()).isIn(PROTOCOL_ERROR, 7);
                        }),
                streamError(
                        "5.3.1 HEADERS that depend on themselves",
                        p ->
                                p.frame(
                                        HEADERS,
                                        END_HEADERS | END_STREAM | HAS_PRIORITY,
                                        1,
                                        join(new byte[] {0, 0, 0, 1, 1}, request("GET"))),
                        PROTOCOL_ERROR),
                streamError(
                        "5.3.1 PRIORITY that depends on itself",
                        p -> {
                            p.post(1);
                            p.frame(PRIORITY, 0, 1, 0, 0, 0, 1, 1);
                        },
                        PROTOCOL_ERROR),
                answered(
                        "5.5 unknown extension frames are ignored",
                        p -> {
                            p.frame(99, 0, 0, 1);
                            p.frame(SETTINGS, 0, 0, 0xff, 0xff, 0, 0, 0, 1);
                            p.get(1);
                        }),
                connectionError(
                        "5.5 an unknown frame within a field block",
                        p -> {
                            p.frame(HEADERS, END_STREAM, 1, request("GET"));
                            p.frame(99, 0, 0, 1);
                        },
                        PROTOCOL_ERROR));
    }

    private static void closeFirst(Http2Peer peer) throws IOException {
        peer.get(1);
        assertThat(peer.outcome(1).type()).isEqualTo(DATA);
    }

    private static byte[] join(byte[] one, byte[] other) {
        byte[] all = java.util.Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, all, one.length, other.length);
        return all;
    }

    private static byte[] setting(int id, int value) {
        return new byte[] {
            (byte) (id >> 8),
            (byte) id,
            (byte) (value >> 24),
            (byte) (value >> 16),
            (byte) (value >> 8),
            (byte) value
        };
    }

    @TestFactory
    List<DynamicTest> frameDefinitions6() {
        return List.of(
                connectionError("6.1 DATA on stream 0", p -> p.frame(DATA, 1, 0, 1), PROTOCOL_ERROR),
                connectionError(
                        "6.1 DATA padded beyond its length",
                        p -> {
                            p.post(1);
                            p.frame(DATA, END_STREAM | PADDED, 1, 5, 1, 2);
                        },
                        PROTOCOL_ERROR),
                answered(
                        "6.1 padded DATA is accepted",
                        p -> {
                            p.post(1);
                            p.frame(DATA, END_STREAM | PADDED, 1, 2, 7, 0, 0);
                        }),
                connectionError(
                        "6.2 HEADERS on stream 0",
                        p -> p.frame(HEADERS, END_HEADERS | END_STREAM, 0, request("GET")),
                        PROTOCOL_ERROR),
                connectionError(
                        "6.2 HEADERS padded beyond its length",
                        p -> p.frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, 200, 0, 0),
                        PROTOCOL_ERROR,
                        FRAME_SIZE_ERROR),
                connectionError(
                        "6.3 PRIORITY on stream 0",
                        p -> p.frame(PRIORITY, 0, 0, 0, 0, 0, 1, 1),
                        PROTOCOL_ERROR),
                streamError(
                        "6.3 PRIORITY of a wrong length",
                        p -> {
                            p.post(1);
                            p.frame(PRIORITY, 0, 1, 0, 0, 0, 1);
                        },
                        FRAME_SIZE_ERROR));
    }

    @TestFactory
    List<DynamicTest> resetsAndSettings6() {
        return List.of(
                connectionError(
                        "6.4 RST_STREAM on stream 0",
                        p -> p.frame(RST_STREAM, 0, 0, 0, 0, 0, 8),
                        PROTOCOL_ERROR),
                connectionError(
                        "6.4 RST_STREAM of a wrong length",
                        p -> {
                            p.post(1);
                            p.frame(RST_STREAM, 0, 1, 0, 0, 8);
                        },
                        FRAME_SIZE_ERROR),
                connectionError(
                        "6.5 SETTINGS ACK with a payload",
                        p -> p.frame(SETTINGS, ACK, 0, 0),
                        FRAME_SIZE_ERROR),
                connectionError(
                        "6.5 SETTINGS on a stream", p -> p.frame(SETTINGS, 0, 1), PROTOCOL_ERROR),
                connectionError(
                        "6.5 SETTINGS of a wrong length",
                        p -> p.frame(SETTINGS, 0, 0, 0, 3, 0),
                        FRAME_SIZE_ERROR),
                connectionError(
                        "6.5.2 ENABLE_PUSH neither 0 nor 1",
                        p -> p.frame(SETTINGS, 0, 0, setting(2, 2)),
                        PROTOCOL_ERROR),
                connectionError(
                        "6.5.2 INITIAL_WINDOW_SIZE above the maximum",
                        p -> p.frame(SETTINGS, 0, 0, setting(4, 0x80000000)),
                        FLOW_CONTROL_ERROR),
                connectionError(
                        "6.5.2 MAX_FRAME_SIZE below 2^14",
                        p -> p.frame(SETTINGS, 0, 0, setting(5, 16383)),
                        PROTOCOL_ERROR),
                connectionError(
                        "6.5.2 MAX_FRAME_SIZE above 2^24-1",
                        p -> p.frame(SETTINGS, 0, 0, setting(5, 16777216)),
                        PROTOCOL_ERROR));
    }

    @TestFactory
    List<DynamicTest> pingsAndGoaways6() {
        return List.of(
                test(
                        "6.5.3 settings are acknowledged",
                        p -> {
                            p.frame(SETTINGS, 0, 0, setting(3, 100));
                            assertThat(p.await(SETTINGS).flags()).isEqualTo(ACK);
                        }),
                test(
                        "6.7 PING is answered with the same payload",
                        p -> {
                            p.frame(PING, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);
                            Frame pong = p.await(PING);
                            assertThat(pong.flags()).isEqualTo(ACK);
                            assertThat(pong.payload()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
                        }),
                test(
                        "6.7 PING ACK is not answered",
                        p -> {
                            p.frame(PING, ACK, 0, new byte[8]);
                            p.frame(PING, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9);
                            assertThat(p.await(PING).payload()).containsOnly(9);
                        }),
                connectionError(
                        "6.7 PING on a stream", p -> p.frame(PING, 0, 1, new byte[8]), PROTOCOL_ERROR),
                connectionError(
                        "6.7 PING of a wrong length",
                        p -> p.frame(PING, 0, 0, new byte[6]),
                        FRAME_SIZE_ERROR),
                connectionError(
                        "6.8 GOAWAY on a stream",
                        p -> p.frame(GOAWAY, 0, 1, new byte[8]),
                        PROTOCOL_ERROR),
                connectionError(
                        "6.6 PUSH_PROMISE from a client",
                        p -> {
                            p.post(1);
                            p.frame(PUSH_PROMISE, END_HEADERS, 1, 0, 0, 0, 2);
                        },
                        PROTOCOL_ERROR));
    }

    @TestFactory
    List<DynamicTest> windows6() {
        return List.of(
                connectionError(
                        "6.9 WINDOW_UPDATE of 0 on the connection",
                        p -> p.frame(WINDOW_UPDATE, 0, 0, 0, 0, 0, 0),
                        PROTOCOL_ERROR),
                streamError(
                        "6.9 WINDOW_UPDATE of 0 on a stream",
                        p -> {
                            p.post(1);
                            p.frame(WINDOW_UPDATE, 0, 1, 0, 0, 0, 0);
                        },
                        PROTOCOL_ERROR),
                connectionError(
                        "6.9 WINDOW_UPDATE of a wrong length",
                        p -> p.frame(WINDOW_UPDATE, 0, 0, 0, 0, 1),
                        FRAME_SIZE_ERROR),
                connectionError(
                        "6.9.1 a connection window beyond 2^31-1",
                        p -> {
                            p.frame(WINDOW_UPDATE, 0, 0, 0x7f, 0xff, 0xff, 0xff);
                            p.frame(WINDOW_UPDATE, 0, 0, 0x7f, 0xff, 0xff, 0xff);
                        },
                        FLOW_CONTROL_ERROR),
                streamError(
                        "6.9.1 a stream window beyond 2^31-1",
                        p -> {
                            p.post(1);
                            p.frame(WINDOW_UPDATE, 0, 1, 0x7f, 0xff, 0xff, 0xff);
                            p.frame(WINDOW_UPDATE, 0, 1, 0x7f, 0xff, 0xff, 0xff);
                        },
                        FLOW_CONTROL_ERROR),
                test(
                        "6.9.1 a window of one octet gets one octet",
                        p -> {
                            p.frame(SETTINGS, 0, 0, setting(4, 1));
                            p.get(1);
                            assertThat(p.await(DATA).payload()).hasSize(1);
                        }),
                test(
                        "6.9.2 a changed initial window applies to open streams",
                        p -> {
                            p.frame(SETTINGS, 0, 0, setting(4, 0));
                            p.get(1);
                            assertThat(p.await(HEADERS).type()).isEqualTo(HEADERS);
                            p.frame(SETTINGS, 0, 0, setting(4, 1));
                            assertThat(p.await(DATA).payload()).hasSize(1);
                        }),
                test(
                        "6.9.2 a window may become negative",
                        p -> {
                            p.frame(SETTINGS, 0, 0, setting(4, 3));
                            p.get(1);
                            assertThat(p.await(DATA).payload()).hasSize(3);
                            p.frame(SETTINGS, 0, 0, setting(4, 2));
                            p.frame(WINDOW_UPDATE, 0, 1, 0, 0, 0, 2);
                            assertThat(p.await(DATA).payload()).hasSize(1);
                        }));
    }

    @TestFactory
    List<DynamicTest> continuations6() {
        return List.of(
                answered(
                        "6.10 CONTINUATION frames carry on a field block",
                        p -> {
                            p.frame(HEADERS, END_STREAM, 1, request("GET"));
                            p.frame(CONTINUATION, 0, 1, fields("a", "b"));
                            p.frame(CONTINUATION, END_HEADERS, 1, fields("c", "d"));
                        }),
                connectionError(
                        "6.10 CONTINUATION on stream 0",
                        p -> {
                            p.frame(HEADERS, END_STREAM, 1, request("GET"));
                            p.frame(CONTINUATION, END_HEADERS, 0, fields("a", "b"));
                        },
                        PROTOCOL_ERROR),
                connectionError(
                        "6.10 CONTINUATION after END_HEADERS",
                        p -> {
                            p.post(1);
                            p.frame(CONTINUATION, END_HEADERS, 1, fields("a", "b"));
                        },
                        PROTOCOL_ERROR),
                connectionError(
                        "6.10 CONTINUATION after DATA",
                        p -> {
                            p.post(1);
                            p.frame(DATA, 0, 1, 1);
                            p.frame(CONTINUATION, END_HEADERS, 1, fields("a", "b"));
                        },
                        PROTOCOL_ERROR),
                answered(
                        "7 unknown error codes are harmless",
                        p -> {
                            p.post(1);
                            p.post(3);
                            p.frame(RST_STREAM, 0, 3, 0, 0, 0, 0xff);
                            p.frame(DATA, END_STREAM, 1, 1);
                        }));
    }

    @TestFactory
    List<DynamicTest> messages8() {
        return List.of(
                malformed("8.2 an upper-case field name", request("GET", "X-Test", "ok")),
                malformed("8.2.1 a field name with a blank", request("GET", "x test", "ok")),
                malformed("8.2.1 an empty field name", request("GET", "", "ok")),
                malformed("8.2.1 a line feed in a value", request("GET", "x", "a\nb")),
                malformed("8.2.1 a carriage return in a value", request("GET", "x", "a\rb")),
                malformed("8.2.1 a NUL in a value", request("GET", "x", "a\0b")),
                malformed("8.2.1 a value that begins with a blank", request("GET", "x", " a")),
                malformed("8.2.2 connection", request("GET", "connection", "keep-alive")),
                malformed("8.2.2 transfer-encoding", request("POST", "transfer-encoding", "chunked")),
                malformed("8.2.2 te other than trailers", request("GET", "te", "gzip")),
                malformed("8.3 an unknown pseudo field", request("GET", ":test", "ok")),
                malformed("8.3 a response pseudo field", request("GET", ":status", "200")),
                malformed(
                        "8.3 a pseudo field after a regular one",
                        fields(":method", "GET", ":scheme", "https", "x", "y", ":path", "/")),
                malformed("8.3.1 an empty path", fields(":method", "GET", ":scheme", "https", ":path", "")),
                malformed("8.3.1 no method", fields(":scheme", "https", ":path", "/")),
                malformed("8.3.1 no scheme", fields(":method", "GET", ":path", "/")),
                malformed("8.3.1 no path", fields(":method", "GET", ":scheme", "https")),
                malformed("8.3.1 two methods", request("GET", ":method", "GET")),
                malformed("8.3.1 two schemes", request("GET", ":scheme", "https")),
                malformed("8.3.1 two paths", request("GET", ":path", "/")),
                malformed("8.3.1 two authorities", request("GET", ":authority", "localhost")));
    }

    @TestFactory
    List<DynamicTest> bodiesAndTrailers8() {
        return List.of(
                streamError(
                        "8.1 a second field section without END_STREAM",
                        p -> {
                            p.post(1);
                            p.frame(HEADERS, END_HEADERS, 1, fields("x", "y"));
                        },
                        PROTOCOL_ERROR),
                streamError(
                        "8.1 pseudo fields in trailers",
                        p -> {
                            p.post(1);
                            p.frame(HEADERS, END_HEADERS | END_STREAM, 1, fields(":method", "GET"));
                        },
                        PROTOCOL_ERROR),
                answered(
                        "8.1 trailers are accepted",
                        p -> {
                            p.post(1);
                            p.frame(DATA, 0, 1, 1);
                            p.frame(HEADERS, END_HEADERS | END_STREAM, 1, fields("x", "y"));
                        }),
                streamError(
                        "8.1.1 a content length smaller than the body",
                        p -> {
                            p.post(1, "content-length", "1");
                            p.frame(DATA, END_STREAM, 1, 1, 2);
                        },
                        PROTOCOL_ERROR),
                streamError(
                        "8.1.1 a content length larger than the body",
                        p -> {
                            p.post(1, "content-length", "5");
                            p.frame(DATA, 0, 1, 1, 2);
                            p.frame(DATA, END_STREAM, 1, 1, 2);
                        },
                        PROTOCOL_ERROR));
    }

    @TestFactory
    List<DynamicTest> compressionRfc7541() {
        return List.of(
                connectionError(
                        "2.3.3 an index beyond both tables",
                        p -> p.frame(HEADERS, END_HEADERS | END_STREAM, 1, 0xff, 0x00),
                        COMPRESSION_ERROR),
                connectionError(
                        "4.2 a table size update after a field",
                        p ->
                                p.frame(
                                        HEADERS,
                                        END_HEADERS | END_STREAM,
                                        1,
                                        join(request("GET"), new byte[] {0x20})),
                        COMPRESSION_ERROR),
                connectionError(
                        "5.2 Huffman padding longer than 7 bits",
                        p ->
                                p.frame(
                                        HEADERS,
                                        END_HEADERS | END_STREAM,
                                        1,
                                        join(request("GET"), new byte[] {
                                            0, 1, 'x', (byte) 0x83, (byte) 0x1f, (byte) 0xff,
                                            (byte) 0xff})),
                        COMPRESSION_ERROR),
                connectionError(
                        "5.2 Huffman padding of zeroes",
                        p ->
                                p.frame(
                                        HEADERS,
                                        END_HEADERS | END_STREAM,
                                        1,
                                        join(request("GET"), new byte[] {0, 1, 'x', (byte) 0x81, 0x18})),
                        COMPRESSION_ERROR),
                connectionError(
                        "5.2 Huffman coding of the end of string",
                        p ->
                                p.frame(
                                        HEADERS,
                                        END_HEADERS | END_STREAM,
                                        1,
                                        join(request("GET"), new byte[] {
                                            0, 1, 'x', (byte) 0x84, (byte) 0xff, (byte) 0xff,
                                            (byte) 0xff, (byte) 0xff})),
                        COMPRESSION_ERROR),
                connectionError(
                        "6.1 index 0",
                        p -> p.frame(HEADERS, END_HEADERS | END_STREAM, 1, 0x80),
                        COMPRESSION_ERROR),
                connectionError(
                        "6.3 a table larger than the settings allow",
                        p ->
                                p.frame(
                                        HEADERS,
                                        END_HEADERS | END_STREAM,
                                        1,
                                        join(new byte[] {0x3f, (byte) 0xe2, (byte) 0x7f}, request("GET"))),
                        COMPRESSION_ERROR));
    }
}
