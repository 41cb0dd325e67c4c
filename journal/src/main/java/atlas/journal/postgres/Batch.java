package atlas.journal.postgres;

import atlas.core.crypto.Hashes;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * A row of the table of batches.
 *
 * @param entries {@code u32 length, entry} as often as {@code count} says
 * @param hash over all of it and the hash of the batch before; the database computes it, and all
 *     who write or read a batch compute it again
 */
public record Batch(
        long number,
        long firstIndex,
        int count,
        byte[] emitter,
        long sequence,
        byte[] previous,
        byte[] hash,
        byte[] entries) {

    /** The hash before the first batch ever. */
    static byte[] noHash() {
        return new byte[32];
    }

    /** Refuses a batch that is not what its hash says. */
    void check() throws LostException {
        MessageDigest sha256 = Hashes.sha256();
        sha256.update(
                ByteBuffer.allocate(20).putLong(number).putLong(firstIndex).putInt(count).array());
        sha256.update(emitter);
        sha256.update(ByteBuffer.allocate(8).putLong(sequence).array());
        sha256.update(previous);
        byte[] computed = sha256.digest(Hashes.sha256(entries).bytes());
        if (!MessageDigest.isEqual(computed, hash)) {
            throw new LostException(
                    "batch "
                            + number
                            + " (entry "
                            + firstIndex
                            + ") in the database is not the batch that was recorded");
        }
    }

    /** The entries one by one. */
    public List<byte[]> split() throws LostException {
        ByteBuffer in = ByteBuffer.wrap(entries);
        List<byte[]> split = new ArrayList<>();
        while (split.size() < count) {
            int length = in.remaining() < 4 ? -1 : in.getInt();
            if (length < 0 || length > in.remaining()) {
                break;
            }
            byte[] entry = new byte[length];
            in.get(entry);
            split.add(entry);
        }
        if (split.size() < count || in.hasRemaining()) {
            throw new LostException(
                    "batch " + number + " in the database does not hold " + count + " entries");
        }
        return split;
    }
}
