package atlas.journal;

import atlas.core.Digest;
import atlas.tlog.MalformedException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * An entry of the log: a public header and a sealed payload.
 *
 * <pre>
 * u8 version = 2 | u8 flags (1: the payload is a blob; 2: there is a commitment)
 * 16 record id | 16 emitter id | u64 emitter sequence | 32 leaf hash of the emitter's entry before
 * i64 time, ns since 1970 | u8 length | key label | [32 commitment]
 * u32 sealed length | sealed bytes, or their SHA-256 when in a blob
 * </pre>
 *
 * <p>The header says nothing about the content: not even a hash of the plain text, which could be
 * guessed at; the commitment is to a {@link Committed statement} and a secret salt. The log alone
 * cannot show what was never submitted; the gap-free sequence of each emitter can. Version 1 has no
 * commitment and lies under the vault's key; only records of erasures are written in it.
 */
record Envelope(
        byte[] recordId,
        byte[] emitter,
        long sequence,
        byte[] previous,
        Instant when,
        String keyLabel,
        byte[] commitment,
        int sealedLength,
        byte[] payload,
        boolean blob) {
    static final int VERSION = 2;
    private static final int FIRST_VERSION = 1;
    static final int ID_BYTES = 16;

    /** The most sealed bytes kept in the entry itself; bundles hold entries below 64 KiB. */
    static final int LARGEST_INLINE = 60_000;

    /** The key entries of version 1 lie under: the vault's for the journal. */
    static final String VAULT_KEY = "journal";

    /**
     * What stands in place of a key's name where the payload is not sealed, for checkers to read.
     */
    static final String IN_THE_OPEN = "charter";

    /** An entry without a statement has no commitment. */
    static final byte[] NO_COMMITMENT = new byte[0];

    private static final int FIXED = 2 + 2 * ID_BYTES + 8 + Digest.BYTES + 8 + 1 + 4;
    private static final int IN_BLOB = 1;
    private static final int COMMITTED = 2;

    /** What a payload is bound to while it is sealed: this log, this record, time and promise. */
    record Draft(String origin, byte[] recordId, Instant when, byte[] commitment) {
        Draft(String origin, byte[] recordId, Instant when) {
            this(origin, recordId, when, NO_COMMITMENT);
        }

        Draft with(byte[] promise) {
            return new Draft(origin, recordId, when, promise);
        }

        byte[] underSubjectKey() {
            return associatedData(VERSION, origin, recordId, when, commitment);
        }

        byte[] underVaultKey() {
            return associatedData(FIRST_VERSION, origin, recordId, when, commitment);
        }
    }

    /** What this entry's payload is bound to. */
    byte[] associatedData(String origin) {
        int version = underVaultKey() ? FIRST_VERSION : VERSION;
        return associatedData(version, origin, recordId, when, commitment);
    }

    private static byte[] associatedData(
            int version, String origin, byte[] recordId, Instant when, byte[] commitment) {
        String domain = "atlas-journal-entry/v" + version + "\n" + origin + "\n";
        byte[] prefix = domain.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(prefix.length + recordId.length + 8 + commitment.length)
                .put(prefix)
                .put(recordId)
                .putLong(nanos(when))
                .put(commitment)
                .array();
    }

    /** Whether it is of the first version, sealed by the vault itself. */
    boolean underVaultKey() {
        return keyLabel.equals(VAULT_KEY);
    }

    /** Whether its payload is there for everybody to read. */
    boolean inTheOpen() {
        return keyLabel.equals(IN_THE_OPEN);
    }

    /** Bytes of the encoded form. */
    static int encodedLength(int labelLength, int commitmentLength, int payloadLength) {
        return FIXED + labelLength + commitmentLength + payloadLength;
    }

    byte[] encode() {
        byte[] label = keyLabel.getBytes(StandardCharsets.US_ASCII);
        int flags = (blob ? IN_BLOB : 0) | (commitment.length > 0 ? COMMITTED : 0);
        return ByteBuffer.allocate(encodedLength(label.length, commitment.length, payload.length))
                .put((byte) (underVaultKey() ? FIRST_VERSION : VERSION))
                .put((byte) flags)
                .put(recordId)
                .put(emitter)
                .putLong(sequence)
                .put(previous)
                .putLong(nanos(when))
                .put((byte) label.length)
                .put(label)
                .put(commitment)
                .putInt(sealedLength)
                .put(payload)
                .array();
    }

    static Envelope decode(byte[] entry) throws MalformedException {
        ByteBuffer in = ByteBuffer.wrap(entry);
        try {
            int version = in.get();
            int flags = in.get();
            int known = version == VERSION ? IN_BLOB | COMMITTED : IN_BLOB;
            if (version < FIRST_VERSION || version > VERSION || (flags & ~known) != 0) {
                throw new MalformedException("an entry of unknown version " + version);
            }
            byte[] recordId = take(in, ID_BYTES);
            byte[] emitter = take(in, ID_BYTES);
            long sequence = in.getLong();
            byte[] previous = take(in, Digest.BYTES);
            long nanos = in.getLong();
            byte[] bytes = take(in, Byte.toUnsignedInt(in.get()));
            String label = new String(bytes, StandardCharsets.US_ASCII);
            if (label.equals(VAULT_KEY) != (version == FIRST_VERSION)) {
                throw new MalformedException(
                        "an entry of version " + version + " under key `" + label + "`");
            }
            byte[] commitment = take(in, (flags & COMMITTED) != 0 ? Digest.BYTES : 0);
            int sealedLength = in.getInt();
            boolean blob = (flags & IN_BLOB) != 0;
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
                    label,
                    commitment,
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
