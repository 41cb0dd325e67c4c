package atlas.runtime.http;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/** An HTTP/2 client that writes frames by hand, right or wrong. */
final class Http2Peer implements Closeable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;
    static final int PADDED = 8;
    static final int HAS_PRIORITY = 32;

    /** What came from the edge. */
    record Frame(int type, int flags, int stream, byte[] payload) {
        /** The error code of a GOAWAY or RST_STREAM. */
        int error() {
            int at = type == GOAWAY ? 4 : 0;
            return (payload[at] & 0xff) << 24
                    | (payload[at + 1] & 0xff) << 16
                    | (payload[at + 2] & 0xff) << 8
                    | (payload[at + 3] & 0xff);
        }

        boolean endStream() {
            return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
        }
    }

    private static final Frame CLOSED = new Frame(-1, 0, 0, new byte[0]);

    private final SSLSocket socket;
    private final DataInputStream in;
    private final OutputStream out;

    /** Connects and says nothing yet. */
    Http2Peer(TestEdge edge) throws IOException {
        socket = edge.socket("h2");
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Connects, exchanges settings and waits until ours are acknowledged. */
    static Http2Peer greeted(TestEdge edge) throws IOException {
        Http2Peer peer = new Http2Peer(edge);
        peer.preface();
        peer.frame(SETTINGS, 0, 0);
        Frame frame;
        do {
            frame = peer.next();
        } while (!(frame.type == SETTINGS && (frame.flags & ACK) != 0));
        peer.frame(SETTINGS, ACK, 0);
        return peer;
    }

    void preface() throws IOException {
        raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    void raw(byte[] bytes) throws IOException {
        try {
            out.write(bytes);
            out.flush();
        } catch (SocketException | SSLException e) {
            // The edge hung up: what it said before is what the test looks at.
            socket.setSoTimeout(5_000);
        }
    }

    void frame(int type, int flags, int stream, int... payload) throws IOException {
        byte[] bytes = new byte[payload.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) payload[i];
        }
        frame(type, flags, stream, bytes);
    }

    void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        raw(bytes(type, flags, stream, payload.length, payload));
    }

    static byte[] bytes(int type, int flags, int stream, int length, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream(9 + payload.length);
        frame.write(length >> 16);
        frame.write(length >> 8);
        frame.write(length);
        frame.write(type);
        frame.write(flags);
        frame.write(stream >> 24);
        frame.write(stream >> 16);
        frame.write(stream >> 8);
        frame.write(stream);
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    /** A field section of literals without indexing (RFC 7541 §6.2.2), no Huffman coding. */
    static byte[] fields(String... namesAndValues) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.write(0);
            text(block, namesAndValues[i]);
            text(block, namesAndValues[i + 1]);
        }
        return block.toByteArray();
    }

    private static void text(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 127) {
            block.write(bytes.length);
        } else {
            block.write(127);
            int rest = bytes.length - 127;
            while (rest >= 128) {
                block.write((rest & 127) | 128);
                rest >>= 7;
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    /** The pseudo fields of a good request, and whatever follows. */
    static byte[] request(String method, String... more) {
        String[] all = new String[8 + more.length];
        all[0] = ":method";
        all[1] = method;
        all[2] = ":scheme";
        all[3] = "https";
        all[4] = ":path";
        all[5] = "/";
        all[6] = ":authority";
        all[7] = "localhost";
        System.arraycopy(more, 0, all, 8, more.length);
        return fields(all);
    }

    void get(int stream) throws IOException {
        frame(HEADERS, END_HEADERS | END_STREAM, stream, request("GET"));
    }

    void post(int stream, String... more) throws IOException {
        frame(HEADERS, END_HEADERS, stream, request("POST", more));
    }

    /** The next frame; type -1 once the connection is closed. */
    Frame next() throws IOException {
        try {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt() & 0x7fffffff;
            byte[] payload = new byte[length];
            in.readFully(payload);
            return new Frame(type, flags, stream, payload);
        } catch (EOFException | SocketException | SSLException e) {
            return CLOSED;
        }
    }

    /** Reads until a frame of that type, or the end. */
    Frame await(int type) throws IOException {
        Frame frame;
        do {
            frame = next();
        } while (frame.type != type && frame.type != -1);
        return frame;
    }

    /** Reads until the stream ended or the connection did; the frame that did it. */
    Frame outcome(int stream) throws IOException {
        while (true) {
            Frame frame = next();
            boolean ours =
                    frame.stream == stream && (frame.endStream() || frame.type == RST_STREAM);
            if (ours || frame.type == GOAWAY || frame.type == -1) {
                return frame;
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
