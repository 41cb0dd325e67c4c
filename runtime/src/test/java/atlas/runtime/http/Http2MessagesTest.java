package atlas.runtime.http;

import static atlas.runtime.http.Http2Cases.COMPRESSION_ERROR;
import static atlas.runtime.http.Http2Cases.PROTOCOL_ERROR;
import static atlas.runtime.http.Http2Cases.answered;
import static atlas.runtime.http.Http2Cases.connectionError;
import static atlas.runtime.http.Http2Cases.join;
import static atlas.runtime.http.Http2Cases.malformed;
import static atlas.runtime.http.Http2Cases.streamError;
import static atlas.runtime.http.Http2Cases.test;
import static atlas.runtime.http.Http2Peer.CONTINUATION;
import static atlas.runtime.http.Http2Peer.DATA;
import static atlas.runtime.http.Http2Peer.END_HEADERS;
import static atlas.runtime.http.Http2Peer.END_STREAM;
import static atlas.runtime.http.Http2Peer.HEADERS;
import static atlas.runtime.http.Http2Peer.RST_STREAM;
import static atlas.runtime.http.Http2Peer.fields;
import static atlas.runtime.http.Http2Peer.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.runtime.http.Http2Peer.Frame;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** RFC 9113 §8 and RFC 7541 as hand-written frames, by section. */
class Http2MessagesTest {
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
                malformed(
                        "8.2.2 transfer-encoding", request("POST", "transfer-encoding", "chunked")),
                malformed("8.2.2 te other than trailers", request("GET", "te", "gzip")),
                malformed("8.3 an unknown pseudo field", request("GET", ":test", "ok")),
                malformed("8.3 a response pseudo field", request("GET", ":status", "200")),
                malformed(
                        "8.3 a pseudo field after a regular one",
                        fields(":method", "GET", ":scheme", "https", "x", "y", ":path", "/")),
                malformed(
                        "8.3.1 an empty path",
                        fields(":method", "GET", ":scheme", "https", ":path", "")),
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
    List<DynamicTest> sectionsThatAreTooLarge() {
        return List.of(
                test(
                        "a section over the limit is answered like any refused request",
                        p -> {
                            p.frame(HEADERS, END_STREAM, 1, request("GET"));
                            large(p, 1);
                            Frame end = p.outcome(1);
                            assertThat(end.type()).isEqualTo(DATA);
                            assertThat(new String(end.payload(), UTF_8))
                                    .contains("header-too-large", "req_");
                            p.get(3);
                            assertThat(p.outcome(3).type()).isEqualTo(DATA);
                        }),
                test(
                        "an upload with such a section is answered, then told to stop",
                        p -> {
                            p.frame(HEADERS, 0, 1, request("POST"));
                            large(p, 1);
                            assertThat(p.outcome(1).type()).isEqualTo(DATA);
                            Frame stop = p.await(RST_STREAM);
                            assertThat(stop.error()).isZero();
                            p.frame(DATA, END_STREAM, 1, 1);
                            p.get(3);
                            assertThat(p.outcome(3).type()).isEqualTo(DATA);
                        }));
    }

    private static void large(Http2Peer peer, int stream) throws IOException {
        byte[] fields = fields("x", "a".repeat(12_000));
        peer.frame(CONTINUATION, 0, stream, fields);
        peer.frame(CONTINUATION, 0, stream, fields);
        peer.frame(CONTINUATION, END_HEADERS, stream, fields);
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
                badField("5.2 Huffman padding longer than 7 bits", 0x83, 0x1f, 0xff, 0xff),
                badField("5.2 Huffman padding of zeroes", 0x81, 0x18),
                badField("5.2 Huffman coding of the end of string", 0x84, 0xff, 0xff, 0xff, 0xff),
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
                                        join(
                                                new byte[] {0x3f, (byte) 0xe2, (byte) 0x7f},
                                                request("GET"))),
                        COMPRESSION_ERROR));
    }

    /** A field `x` whose value is these bytes, after a request that is fine. */
    private DynamicTest badField(String name, int... value) {
        byte[] block = new byte[3 + value.length];
        block[1] = 1;
        block[2] = 'x';
        for (int i = 0; i < value.length; i++) {
            block[3 + i] = (byte) value[i];
        }
        return connectionError(
                name,
                p -> p.frame(HEADERS, END_HEADERS | END_STREAM, 1, join(request("GET"), block)),
                COMPRESSION_ERROR);
    }
}
