package atlas.journal.verify;

import atlas.core.Digest;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * Follows each emitter through the log: its numbers have no gap and each of its entries names the
 * one before. A tree proves that nothing recorded was changed, this that nothing was left out.
 */
final class EmitterChains {
    private final Map<String, Last> last = new HashMap<>();

    private record Last(long sequence, byte[] leaf) {}

    /** A payload kept apart: its hash and its length. */
    record BlobReference(Digest digest, int length) {}

    /** Chains that go on from here without moving these. */
    EmitterChains copy() {
        EmitterChains copy = new EmitterChains();
        copy.last.putAll(last);
        return copy;
    }

    /** Checks the next entry; gives what it refers to. */
    Optional<BlobReference> next(long index, byte[] entry, byte[] leaf, String where)
            throws BrokenException {
        ByteBuffer in = ByteBuffer.wrap(entry);
        try {
            int version = in.get();
            int flags = in.get();
            byte[] ids = new byte[32];
            in.get(ids);
            long sequence = in.getLong();
            byte[] previous = new byte[32];
            in.get(previous);
            in.getLong();
            in.position(in.position() + 1 + Byte.toUnsignedInt(in.get(in.position())));
            int length = in.getInt();
            boolean apart = flags == 1;
            if (version != 1 || (flags | 1) != 1 || in.remaining() != (apart ? 32 : length)) {
                throw new BrokenException(index, "not an entry of the known format", where);
            }
            follow(index, HexFormat.of().formatHex(ids, 16, 32), sequence, previous, leaf, where);
            byte[] digest = new byte[32];
            if (apart) {
                in.get(digest);
            }
            return apart
                    ? Optional.of(new BlobReference(Digest.of(digest), length))
                    : Optional.empty();
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException e) {
            throw new BrokenException(index, "the entry ends too early", where);
        }
    }

    private void follow(
            long index, String emitter, long sequence, byte[] previous, byte[] leaf, String where)
            throws BrokenException {
        Last before = last.getOrDefault(emitter, new Last(-1, new byte[32]));
        if (sequence != before.sequence() + 1) {
            throw new BrokenException(
                    index,
                    "emitter "
                            + emitter
                            + " went from number "
                            + before.sequence()
                            + " to "
                            + sequence,
                    where);
        }
        if (!Arrays.equals(previous, before.leaf())) {
            throw new BrokenException(
                    index,
                    "the entry does not name the one before it of emitter " + emitter,
                    where);
        }
        last.put(emitter, new Last(sequence, leaf));
    }
}
