package atlas.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.List;
import javax.net.ssl.SSLSocket;

/**
 * One request over HTTP/2, written frame by frame so that what no client library would send can be
 * sent (RFC 9113, RFC 7541). Field lines go out literally, without index and without Huffman.
 */
final class RawHttp2 {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int ACK = 1;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1);

    private final DataOutputStream out;
    private final DataInputStream in;

    RawHttp2(SSLSocket socket) throws IOException {
        out = new DataOutputStream(socket.getOutputStream());
        in = new DataInputStream(socket.getInputStream());
    }

    /** A field line as it goes out, whatever is in it. */
    record Line(String name, String value) {}

    /** What came back: {@code status NNN}, or {@code reset}, whichever was first. */
    String send(List<Line> fields, String body) throws IOException {
        try {
            out.write(PREFACE);
            frame(SETTINGS, 0, 0, new byte[0]);
            boolean bodiless = body.isEmpty();
            frame(HEADERS, END_HEADERS | (bodiless ? END_STREAM : 0), 1, block(fields));
            if (!bodiless) {
                frame(DATA, END_STREAM, 1, body.getBytes(ISO_8859_1));
            }
            out.flush();
            return answer();
        } catch (EOFException | SocketException e) {
            return "reset";
        }
    }

    private String answer() throws IOException {
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            in.readInt();
            byte[] payload = in.readNBytes(length);
            switch (type) {
                case HEADERS -> {
                    return "status " + status(payload);
                }
                case RST_STREAM, GOAWAY -> {
                    return "reset";
                }
                case SETTINGS -> {
                    if ((flags & ACK) == 0) {
                        frame(SETTINGS, ACK, 0, new byte[0]);
                        out.flush();
                    }
                }
                default -> {}
            }
        }
    }

    private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        out.writeByte(payload.length >> 16);
        out.writeShort(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
    }

    private static byte[] block(List<Line> fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (Line field : fields) {
            block.write(0);
            text(field.name(), block);
            text(field.value(), block);
        }
        return block.toByteArray();
    }

    /** RFC 7541 §5.2, lengths of up to two continuation bytes. */
    private static void text(String text, ByteArrayOutputStream block) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        if (bytes.length < 127) {
            block.write(bytes.length);
        } else {
            block.write(127);
            int rest = bytes.length - 127;
            while (rest >= 128) {
                block.write(rest % 128 + 128);
                rest /= 128;
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    /** The status is the first line; RFC 7541 appendix A has it at 8 to 14. */
    private static String status(byte[] block) {
        int first = block[0] & 0xff;
        int[] known = {200, 204, 206, 304, 400, 404, 500};
        if (first >= 0x88 && first <= 0x8e) {
            return Integer.toString(known[first - 0x88]);
        }
        boolean literal = first == 0x48 || first == 0x08 || first == 0x18;
        if (!literal || block[1] != 3) {
            throw new AssertionError("a status in a form this reader does not know: " + first);
        }
        return new String(block, 2, 3, ISO_8859_1);
    }
}
