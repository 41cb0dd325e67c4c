package atlas.node.engine.embedded;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** A cursor over a file in memory; every read is checked against the end first. */
final class GgufReader {
    static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment file;
    private long position;

    GgufReader(MemorySegment file) {
        this.file = file;
    }

    long position() {
        return position;
    }

    private long take(long bytes, String what) {
        if (bytes > file.byteSize() - position) {
            throw new GgufException("the file ends inside " + what + " at byte " + file.byteSize());
        }
        long at = position;
        position += bytes;
        return at;
    }

    int u8(String what) {
        return file.get(ValueLayout.JAVA_BYTE, take(1, what)) & 255;
    }

    int u16(String what) {
        return file.get(SHORT, take(2, what)) & 0xffff;
    }

    int i32(String what) {
        return file.get(INT, take(4, what));
    }

    long i64(String what) {
        return file.get(LONG, take(8, what));
    }

    float f32(String what) {
        return file.get(FLOAT, take(4, what));
    }

    /** A count written as 64 bits, refused unless between 0 and {@code most}. */
    int count(String what, int most) {
        long count = i64(what);
        if (count < 0 || count > most) {
            throw new GgufException(
                    what + " is " + Long.toUnsignedString(count) + ", more than " + most);
        }
        return (int) count;
    }

    String text(String what, int mostBytes) {
        int length = count("the length of " + what, mostBytes);
        byte[] bytes = file.asSlice(take(length, what), length).toArray(ValueLayout.JAVA_BYTE);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new GgufException(what + " is not UTF-8");
        }
    }
}
