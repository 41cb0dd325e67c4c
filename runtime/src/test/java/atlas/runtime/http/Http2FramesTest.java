package atlas.runtime.http;

import static atlas.runtime.http.Http2Cases.COMPRESSION_ERROR;
import static atlas.runtime.http.Http2Cases.EDGE;
import static atlas.runtime.http.Http2Cases.FLOW_CONTROL_ERROR;
import static atlas.runtime.http.Http2Cases.FRAME_SIZE_ERROR;
import static atlas.runtime.http.Http2Cases.PROTOCOL_ERROR;
import static atlas.runtime.http.Http2Cases.STREAM_CLOSED;
import static atlas.runtime.http.Http2Cases.answered;
import static atlas.runtime.http.Http2Cases.closeFirst;
import static atlas.runtime.http.Http2Cases.connectionError;
import static atlas.runtime.http.Http2Cases.join;
import static atlas.runtime.http.Http2Cases.setting;
import static atlas.runtime.http.Http2Cases.streamError;
import static atlas.runtime.http.Http2Cases.test;
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
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** RFC 9113 §3 to §7 as hand-written frames, by section. */
class Http2FramesTest {
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
                connectionError(
                        "5.1 DATA on an idle stream", p -> p.frame(DATA, 1, 1, 1), PROTOCOL_ERROR),
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
                        p ->
                                p.raw(
                                        join(
                                                Http2Peer.bytes(
                                                        HEADERS,
                                                        5,
                                                        1,
                                                        request("GET").length,
                                                        request("GET")),
                                                Http2Peer.bytes(DATA, 1, 1, 1, new byte[1]))),
                        STREAM_CLOSED),
                streamError(
                        "5.1 HEADERS on a half-closed stream",
                        p ->
                                p.raw(
                                        join(
                                                Http2Peer.bytes(
                                                        HEADERS,
                                                        5,
                                                        1,
                                                        request("GET").length,
                                                        request("GET")),
                                                Http2Peer.bytes(
                                                        HEADERS,
                                                        5,
                                                        1,
                                                        request("GET").length,
                                                        request("GET")))),
                        STREAM_CLOSED));
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
                connectionError(
                        "5.1 DATA on a closed stream",
                        p -> {
                            closeFirst(p);
                            p.frame(DATA, END_STREAM, 1, 1);
                        },
                        STREAM_CLOSED),
                connectionError(
                        "5.1 HEADERS on a closed stream",
                        p -> {
                            closeFirst(p);
                            p.get(1);
                        },
                        STREAM_CLOSED),
                streamError(
                        "5.1 WINDOW_UPDATE of 0 on a half-closed stream",
                        p ->
                                p.raw(
                                        join(
                                                Http2Peer.bytes(
                                                        HEADERS,
                                                        5,
                                                        1,
                                                        request("GET").length,
                                                        request("GET")),
                                                Http2Peer.bytes(
                                                        WINDOW_UPDATE, 0, 1, 4, new byte[4]))),
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

    @TestFactory
    List<DynamicTest> frameDefinitions6() {
        return List.of(
                connectionError(
                        "6.1 DATA on stream 0", p -> p.frame(DATA, 1, 0, 1), PROTOCOL_ERROR),
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
                        "6.7 PING on a stream",
                        p -> p.frame(PING, 0, 1, new byte[8]),
                        PROTOCOL_ERROR),
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
}
