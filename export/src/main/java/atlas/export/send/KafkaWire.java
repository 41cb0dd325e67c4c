package atlas.export.send;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Requests and answers of the Kafka protocol on one connection: a length, then a header version 1
 * (KIP-482 came later: the versions used here have no tagged fields), then the body.
 */
final class KafkaWire {
    private static final int LARGEST_ANSWER = 8 << 20;
    private static final String CLIENT = "atlas";

    private final OutputStream out;
    private final DataInputStream in;
    private int correlation;

    KafkaWire(OutputStream out, DataInputStream in) {
        this.out = out;
        this.in = in;
    }

    /** Writes a body; memory does not fail. */
    interface Body {
        void write(DataOutputStream to) throws IOException;
    }

    /** Asks and gives the body of the answer. */
    Answer ask(int api, int version, Body body) throws IOException {
        int id = ++correlation;
        byte[] request =
                bytes(to -> {
                    to.writeShort(api);
                    to.writeShort(version);
                    to.writeInt(id);
                    text(to, CLIENT);
                    body.write(to);
                });
        ByteArrayOutputStream framed = new ByteArrayOutputStream(request.length + 4);
        new DataOutputStream(framed).writeInt(request.length);
        framed.writeBytes(request);
        out.write(framed.toByteArray());
        out.flush();
        int length = in.readInt();
        if (length < 4 || length > LARGEST_ANSWER) {
            throw new IOException("the broker answered with " + length + " bytes");
        }
        byte[] answer = in.readNBytes(length);
        if (answer.length < length) {
            throw new EOFException("the broker closed the connection");
        }
        Answer read = new Answer(answer);
        if (read.int32() != id) {
            throw new IOException("the broker answered something that was not asked");
        }
        return read;
    }

    static byte[] bytes(Body body) throws IOException {
        ByteArrayOutputStream memory = new ByteArrayOutputStream();
        body.write(new DataOutputStream(memory));
        return memory.toByteArray();
    }

    static void text(DataOutputStream to, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        to.writeShort(utf8.length);
        to.write(utf8);
    }

    static void blob(DataOutputStream to, byte[] bytes) throws IOException {
        to.writeInt(bytes.length);
        to.write(bytes);
    }

    /** What a broker said, read in order; what is not there is an {@link IOException}. */
    static final class Answer {
        private final byte[] bytes;
        private int at;

        Answer(byte[] bytes) {
            this.bytes = bytes;
        }

        private int take(int length) throws IOException {
            if (length < 0 || length > bytes.length - at) {
                throw new IOException("the broker's answer is cut short");
            }
            int from = at;
            at += length;
            return from;
        }

        private long number(int length) throws IOException {
            int from = take(length);
            long value = bytes[from];
            for (int i = 1; i < length; i++) {
                value = (value << 8) | (bytes[from + i] & 0xff);
            }
            return value;
        }

        boolean bool() throws IOException {
            return number(1) != 0;
        }

        short int16() throws IOException {
            return (short) number(2);
        }

        int int32() throws IOException {
            return (int) number(4);
        }

        long int64() throws IOException {
            return number(8);
        }

        /** A text; null is the empty one. */
        String text() throws IOException {
            int length = int16();
            return length < 0
                    ? ""
                    : new String(bytes, take(length), length, StandardCharsets.UTF_8);
        }

        /** How many elements follow. */
        int count() throws IOException {
            int count = int32();
            if (count > bytes.length) {
                throw new IOException("the broker's answer counts more than it holds");
            }
            return Math.max(0, count);
        }

        void skipInts() throws IOException {
            int unused = take(4 * count());
        }
    }
}
