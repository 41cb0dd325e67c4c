package atlas.journal;

import atlas.core.Digest;
import atlas.journal.tlog.MalformedException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * An entry of the log: a public header and a sealed payload.
 *
 * <pre>
 * u8 version = 1 | u8 flags (1: the payload is a blob) | 16 record id | 16 emitter id
 * u64 emitter sequence | 32 leaf hash of the emitter's entry before | i64 time, ns since 1970
 * u8 length | key label | u32 sealed length | sealed bytes, or their SHA-256 when in a blob
 * </pre>
 *
 * <p>The header says nothing about the content: not even a hash of the plain text, which could be
 * guessed at. The log alone cannot show what was never submitted; the gap-free sequence of each
 * emitter can.
 */
record Envelope(
        byte[] recordId,
        byte[] emitter,
        long sequence,
        byte[] previous,
        Instant when,
        String keyLabel,
        int sealedLength,
        byte[] payload,
        boolean blob) {
    static final int VERSION = 1;
    static final int ID_BYTES = 16;

    /** The most sealed bytes kept in the entry itself; bundles hold entries below 64 KiB. */
    static final int LARGEST_INLINE = 60_000;

    /** The key all entries are sealed under, until there are keys per subject. */
    static final String KEY_LABEL = "journal";

    private static final int FIXED = 2 + 2 * ID_BYTES + 8 + Digest.BYTES + 8 + 1 + 4;
    private static final int IN_BLOB = 1;

    /** What a payload is bound to while sealed: this log, this record, this time. */
    static byte[] associatedData(String origin, byte[] recordId, Instant when) {
        String domain = "atlas-journal-entry/v1\n" + origin + "\n";
        byte[] prefix = domain.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(prefix.length + recordId.length + 8)
                .put(prefix)
                .put(recordId)
                .putLong(nanos(when))
                .array();
    }

    /** Bytes of the encoded form. */
    static int encodedLength(int labelLength, int payloadLength) {
        return FIXED + labelLength + payloadLength;
    }

    byte[] encode() {
        byte[] label = keyLabel.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(encodedLength(label.length, payload.length))
                .put((byte) VERSION)
                .put((byte) (blob ? IN_BLOB : 0))
                .put(recordId)
                .put(emitter)
                .putLong(sequence)
                .put(previous)
                .putLong(nanos(when))
                .put((byte) label.length)
                .put(label)
                .putInt(sealedLength)
                .put(payload)
                .array();
    }

    static Envelope decode(byte[] entry) throws MalformedException {
        ByteBuffer in = ByteBuffer.wrap(entry);
        try {
            int version = in.get();
            int flags = in.get();
            if (version != VERSION || (flags & ~IN_BLOB) != 0) {
                throw new MalformedException("an entry of unknown version " + version);
            }
            byte[] recordId = take(in, ID_BYTES);
            byte[] emitter = take(in, ID_BYTES);
            long sequence = in.getLong();
            byte[] previous = take(in, Digest.BYTES);
            long nanos = in.getLong();
            byte[] label = take(in, Byte.toUnsignedInt(in.get()));
            int sealedLength = in.getInt();
            boolean blob = flags == IN_BLOB;
            byte[] payload = take(in, blob ? Digest.BYTES : sealedLength);
            if (in.hasRemaining()) {
                throw new MalformedException("bytes follow the sealed payload");
            }
            return new Envelope(
                    recordId,
                    emitter,
                    sequence,
                    previous,
                    Instant.ofEpochSecond(0, nanos),
                    new String(label, StandardCharsets.US_ASCII),
                    sealedLength,
                    payload,
                    blob);
        } catch (BufferUnderflowException e) {
            throw new MalformedException("the entry ends too early");
        }
    }

    private static byte[] take(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static long nanos(Instant when) {
        long seconds = Math.multiplyExact(when.getEpochSecond(), 1_000_000_000L);
        return Math.addExact(seconds, when.getNano());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Envelope that && Arrays.equals(encode(), that.encode());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(recordId);
    }
}
