package atlas.vectors;

import atlas.core.crypto.Hashes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/**
 * The file that holds a store's own key, wrapped. Two slots, written by turns and in place, so that
 * a key that is done with can be overwritten where it lies: whoever finds the blocks of an old log
 * then finds no key to them.
 *
 * <pre>
 * slot = magic "AtV1" (4) | generation (4) | length (4) | wrapped key | SHA-256 of all before (32)
 * </pre>
 */
final class KeySlots {
    private static final int MAGIC = 0x41745631;
    private static final int SLOT_BYTES = 4096;
    private static final int MAX_WRAPPED = 1024;
    private static final int HASH_BYTES = 32;

    private final Path file;

    KeySlots(Path file) {
        this.file = file;
    }

    /** A wrapped key and the generation of the log that it opens. */
    record Kept(int generation, byte[] wrapped) {}

    /** The bytes of a new file. */
    static byte[] first(Kept kept) {
        return Arrays.copyOf(encode(kept), 2 * SLOT_BYTES);
    }

    /**
     * The key in force; empty when it was destroyed.
     *
     * @throws VectorsException when the file was altered
     */
    Optional<Kept> read() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length != 2 * SLOT_BYTES) {
            throw new VectorsException("`" + file + "` is not a key of a vector store", null);
        }
        Optional<Kept> one = decode(bytes, 0);
        Optional<Kept> other = decode(bytes, SLOT_BYTES);
        if (one.isEmpty() && other.isEmpty() && !blank(bytes)) {
            throw new VectorsException("`" + file + "` was altered; restore it", null);
        }
        return one.isEmpty() || (other.isPresent() && other.get().generation > one.get().generation)
                ? other
                : one;
    }

    /** Puts a key in force; the one before it is overwritten once the new one is durable. */
    void replace(Kept next) throws IOException {
        Disk.overwrite(file, at(next.generation), padded(encode(next)));
        destroyFormer(next.generation);
    }

    /** Overwrites whatever is not of this generation, as after a crash between two writes. */
    void destroyFormer(int generation) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int other = (int) at(generation + 1);
        if (!blank(Arrays.copyOfRange(bytes, other, other + SLOT_BYTES))) {
            Disk.overwrite(file, other, new byte[SLOT_BYTES]);
        }
    }

    /** Overwrites both: nothing opens any more. */
    void destroy() throws IOException {
        Disk.overwrite(file, 0, new byte[2 * SLOT_BYTES]);
    }

    private static long at(int generation) {
        return generation % 2 == 1 ? 0 : SLOT_BYTES;
    }

    private static byte[] padded(byte[] slot) {
        return Arrays.copyOf(slot, SLOT_BYTES);
    }

    private static byte[] encode(Kept kept) {
        ByteBuffer out = ByteBuffer.allocate(12 + kept.wrapped.length + HASH_BYTES);
        out.putInt(MAGIC).putInt(kept.generation).putInt(kept.wrapped.length).put(kept.wrapped);
        MessageDigest hash = Hashes.sha256();
        hash.update(out.array(), 0, out.position());
        return out.put(hash.digest()).array();
    }

    private static Optional<Kept> decode(byte[] bytes, int from) {
        ByteBuffer in = ByteBuffer.wrap(bytes, from, SLOT_BYTES);
        int magic = in.getInt();
        int generation = in.getInt();
        int length = in.getInt();
        if (magic != MAGIC || generation < 1 || length < 1 || length > MAX_WRAPPED) {
            return Optional.empty();
        }
        byte[] wrapped = new byte[length];
        in.get(wrapped);
        Kept kept = new Kept(generation, wrapped);
        byte[] whole = encode(kept);
        return Arrays.equals(bytes, from, from + whole.length, whole, 0, whole.length)
                ? Optional.of(kept)
                : Optional.empty();
    }

    private static boolean blank(byte[] bytes) {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
