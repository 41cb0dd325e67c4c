package atlas.tlog;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * RFC 6962 §2.1 hashing: {@code SHA-256(00 || leaf)} and {@code SHA-256(01 || left || right)}.
 *
 * <p>Keeps one digest for reuse, so an instance belongs to one thread.
 */
public final class TreeHasher {
    /** Bytes of a hash. */
    public static final int HASH = Digest.BYTES;

    private static final int PAIR = 1 + 2 * HASH;

    private final MessageDigest sha256;

    public TreeHasher() {
        sha256 = Hashes.sha256();
    }

    /** The root of a tree without leaves: the hash of nothing. */
    public static Digest emptyRoot() {
        return Hashes.sha256(new byte[0]);
    }

    /** The leaf hash of an entry. */
    public byte[] leaf(byte[] entry) {
        return leaf(entry, 0, entry.length);
    }

    /** The leaf hash of a stretch of a buffer. */
    public byte[] leaf(byte[] buffer, int offset, int length) {
        sha256.update((byte) 0);
        sha256.update(buffer, offset, length);
        return sha256.digest();
    }

    /**
     * Puts the leaf hash of a stretch of a buffer into {@code target}. The byte before the stretch,
     * which must be there, is written to meanwhile: hashing in one go costs less than in two.
     */
    public void leafInto(byte[] buffer, int offset, int length, byte[] target) {
        byte before = buffer[offset - 1];
        buffer[offset - 1] = 0;
        sha256.update(buffer, offset - 1, length + 1);
        buffer[offset - 1] = before;
        digestInto(target, 0);
    }

    /** The hash above two nodes. */
    public byte[] node(byte[] left, byte[] right) {
        sha256.update((byte) 1);
        sha256.update(left, 0, HASH);
        sha256.update(right, 0, HASH);
        return sha256.digest();
    }

    /**
     * The root of the perfect subtree over {@code count} hashes lying end to end in {@code hashes}.
     *
     * @param from the first of them, counted in hashes
     * @param count a power of two
     */
    public byte[] perfect(byte[] hashes, int from, int count) {
        if (Integer.bitCount(count) != 1) {
            throw new IllegalArgumentException("a perfect subtree has a power of two of leaves");
        }
        if (count == 1) {
            return Arrays.copyOfRange(hashes, from * HASH, (from + 1) * HASH);
        }
        // Each pair lies behind its prefix, so that a node is hashed in one go; a level is written
        // over the beginning of the one below it, which was read by then.
        byte[] pairs = new byte[count / 2 * PAIR];
        for (int i = 0; i < count / 2; i++) {
            pairs[i * PAIR] = 1;
            System.arraycopy(hashes, (from + 2 * i) * HASH, pairs, i * PAIR + 1, 2 * HASH);
        }
        for (int width = count / 2; width > 1; width /= 2) {
            for (int i = 0; i < width; i++) {
                sha256.update(pairs, i * PAIR, PAIR);
                digestInto(pairs, i / 2 * PAIR + 1 + i % 2 * HASH);
            }
        }
        sha256.update(pairs, 0, PAIR);
        return sha256.digest();
    }

    private void digestInto(byte[] target, int offset) {
        try {
            sha256.digest(target, offset, HASH);
        } catch (DigestException e) {
            throw new IllegalStateException("there is room for one hash", e);
        }
    }
}
