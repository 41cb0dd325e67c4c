package atlas.runtime.svid;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the wire format of Protocol Buffers as far as two messages need it: field numbers, and
 * values whose length is written. Other values are passed over.
 */
final class ProtoReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final byte[] message;
    private int at;
    private int field;
    private byte[] value = new byte[0];

    ProtoReader(byte[] message) {
        this.message = message;
    }

    /** Moves to the next field with bytes in it; false at the end. */
    boolean next() {
        while (at < message.length) {
            long tag = varint();
            field = (int) (tag >>> 3);
            if (field <= 0) {
                throw broken();
            }
            switch ((int) (tag & 7)) {
                case VARINT -> varint();
                case FIXED64 -> take(8);
                case FIXED32 -> take(4);
                case BYTES -> {
                    long length = varint();
                    if (length < 0 || length > message.length - at) {
                        throw broken();
                    }
                    value = take((int) length);
                    return true;
                }
                default -> throw broken();
            }
        }
        return false;
    }

    int field() {
        return field;
    }

    byte[] bytes() {
        return value;
    }

    String text() {
        return new String(value, StandardCharsets.UTF_8);
    }

    private byte[] take(int length) {
        if (length > message.length - at) {
            throw broken();
        }
        at += length;
        return Arrays.copyOfRange(message, at - length, at);
    }

    private long varint() {
        long result = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= message.length) {
                throw broken();
            }
            byte b = message[at++];
            result |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return result;
            }
        }
        throw broken();
    }

    private static SvidException broken() {
        return new SvidException("the workload API sent a message that cannot be read");
    }
}
