package atlas.registry.scan;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads forward through a part of a file, little-endian; every length is compared with what is left
 * before anything is allocated for it.
 */
final class ByteWindow {
    private static final int WINDOW_BYTES = 1 << 16;

    private final ByteSource source;
    private final long end;
    private final ByteBuffer window;
    private long windowStart;
    private long position;

    ByteWindow(ByteSource source) {
        this(source, 0, source.length());
    }

    ByteWindow(ByteSource source, long start, long end) {
        this.source = source;
        this.end = end;
        this.position = start;
        this.windowStart = start;
        this.window = ByteBuffer.allocate((int) Math.min(WINDOW_BYTES, end - start));
        window.order(ByteOrder.LITTLE_ENDIAN).limit(0);
    }

    long position() {
        return position;
    }

    long remaining() {
        return end - position;
    }

    Malformed malformed(String what) {
        return new Malformed(what, position);
    }

    private int at(int bytes) throws IOException, Malformed {
        require(bytes);
        long from = position - windowStart;
        if (from < 0 || from + bytes > window.limit()) {
            windowStart = position;
            window.clear().limit((int) Math.min(window.capacity(), end - position));
            source.read(windowStart, window);
            window.flip();
            from = 0;
        }
        position += bytes;
        return (int) from;
    }

    private void require(long bytes) throws Malformed {
        if (bytes < 0 || bytes > remaining()) {
            throw malformed("cut short, or a length is larger than the file");
        }
    }

    int u8() throws IOException, Malformed {
        return window.get(at(1)) & 0xff;
    }

    int i32() throws IOException, Malformed {
        return window.getInt(at(4));
    }

    long u32() throws IOException, Malformed {
        return Integer.toUnsignedLong(i32());
    }

    /** An unsigned 64-bit number; one that does not fit a Java long is refused. */
    long u64() throws IOException, Malformed {
        long value = window.getLong(at(8));
        if (value < 0) {
            throw malformed("a number is too large");
        }
        return value;
    }

    void skip(long bytes) throws Malformed {
        require(bytes);
        position += bytes;
    }

    byte[] bytes(long length, long limit) throws IOException, Malformed {
        require(length);
        if (length > limit) {
            throw malformed("a text is longer than " + limit + " bytes");
        }
        byte[] bytes = new byte[(int) length];
        source.read(position, ByteBuffer.wrap(bytes));
        position += length;
        return bytes;
    }

    /** Strict UTF-8 of so many bytes. */
    String text(long length, long limit) throws IOException, Malformed {
        long start = position;
        byte[] bytes = bytes(length, limit);
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)) {
            throw new Malformed("a text is not UTF-8", start);
        }
        return text;
    }

    /** Text up to a newline, which must come; each byte a character. */
    String line(int limit) throws IOException, Malformed {
        StringBuilder line = new StringBuilder();
        for (int b = u8(); b != '\n'; b = u8()) {
            if (line.length() == limit) {
                throw malformed("a line is longer than " + limit + " bytes");
            }
            line.append((char) b);
        }
        int end = line.length();
        return end > 0 && line.charAt(end - 1) == '\r'
                ? line.substring(0, end - 1)
                : line.toString();
    }

    /** A protobuf varint. */
    long varint() throws IOException, Malformed {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = u8();
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                if (shift == 63 && b > 1) {
                    break;
                }
                return value;
            }
        }
        throw malformed("a varint is too long");
    }
}
