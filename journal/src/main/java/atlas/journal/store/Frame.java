package atlas.journal.store;

import atlas.core.crypto.Hashes;
import atlas.tlog.TreeHasher;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One group commit as it lies in a write-ahead segment, on a 4 KiB boundary:
 *
 * <pre>
 * u32 "AWL1" | u32 length | u32 crc32c of the rest of the frame
 * u32 count | u64 batch | u64 first index | u64 batches durable before this one was written
 * 32 hash of the batch before | u32 crc32c of the header so far
 * count x (u32 length | entry) | 32 hash of this batch | u32 5A5A5A5A
 * </pre>
 *
 * <p>The hash of a batch is SHA-256 over the header from {@code count} to its end, and the leaf
 * hashes of the entries. The boundary keeps a torn write away from batches already acknowledged.
 *
 * @param durable how many batches had been forced when this one was written
 * @param length bytes without padding
 */
public record Frame(
        long batch,
        long firstIndex,
        long durable,
        byte[] previous,
        byte[] hash,
        List<byte[]> entries,
        List<byte[]> leaves,
        int length) {
    static final int MAGIC = 0x41574C31;
    static final int HEADER = 76;
    static final int TRAILER = 36;
    static final int END = 0x5A5A5A5A;
    static final int ALIGNMENT = 4096;

    public Frame {
        entries = List.copyOf(entries);
        leaves = List.copyOf(leaves);
    }

    /** Bytes a frame of this many bytes takes up in a segment. */
    public static int padded(int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** The hash before the first batch ever. */
    public static byte[] noPrevious() {
        return new byte[TreeHasher.HASH];
    }

    /** Bytes of a frame with no entry. */
    public static int overhead() {
        return HEADER + TRAILER;
    }

    /** Bytes an entry of this length adds to a frame. */
    public static int costOf(int entryLength) {
        return Integer.BYTES + entryLength;
    }

    /** The frame at {@code offset}; absent unless every byte of it is as it should be. */
    static Optional<Frame> read(byte[] segment, int offset) {
        if (!headerHolds(segment, offset)) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(segment);
        int length = in.getInt(offset + 4);
        if (length < overhead() || length > segment.length - offset) {
            return Optional.empty();
        }
        int end = offset + length - TRAILER;
        if (crc(segment, offset, length) != in.getInt(offset + 8)
                || in.getInt(end + TreeHasher.HASH) != END) {
            return Optional.empty();
        }
        int count = in.getInt(offset + 12);
        List<byte[]> entries = new ArrayList<>();
        List<byte[]> leaves = new ArrayList<>();
        TreeHasher hasher = new TreeHasher();
        int at = offset + HEADER;
        for (int i = 0; i < count; i++) {
            int size = at + 4 > end ? -1 : in.getInt(at);
            if (size < 0 || size > end - at - 4) {
                return Optional.empty();
            }
            leaves.add(hasher.leaf(segment, at + 4, size));
            entries.add(Arrays.copyOfRange(segment, at + 4, at + 4 + size));
            at += 4 + size;
        }
        byte[] hash = Arrays.copyOfRange(segment, end, end + TreeHasher.HASH);
        if (at != end || !MessageDigest.isEqual(hash, batchHash(segment, offset, leaves))) {
            return Optional.empty();
        }
        return Optional.of(
                new Frame(
                        in.getLong(offset + 16),
                        in.getLong(offset + 24),
                        in.getLong(offset + 32),
                        Arrays.copyOfRange(segment, offset + 40, offset + 72),
                        hash,
                        entries,
                        leaves,
                        length));
    }

    /** Whether a frame begins here: its header, at least, is whole. */
    static boolean headerHolds(byte[] segment, int offset) {
        if (offset + HEADER > segment.length) {
            return false;
        }
        ByteBuffer in = ByteBuffer.wrap(segment);
        return in.getInt(offset) == MAGIC && in.getInt(offset + 72) == headerCrc(segment, offset);
    }

    static int headerCrc(byte[] buffer, int offset) {
        CRC32C crc = new CRC32C();
        crc.update(buffer, offset, 8);
        crc.update(buffer, offset + 12, 60);
        return (int) crc.getValue();
    }

    static int crc(byte[] buffer, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(buffer, offset + 12, length - 12);
        return (int) crc.getValue();
    }

    static byte[] batchHash(byte[] buffer, int offset, List<byte[]> leaves) {
        MessageDigest sha256 = Hashes.sha256();
        sha256.update(buffer, offset + 12, 60);
        leaves.forEach(sha256::update);
        return sha256.digest();
    }

    /** Builds frames, one after the other, in one buffer. Belongs to the committer's thread. */
    public static final class Builder {
        private final byte[] buffer;
        private final ByteBuffer direct;
        private final TreeHasher hasher = new TreeHasher();
        private final List<byte[]> leaves = new ArrayList<>();
        private int at;

        /** A builder of frames of up to {@code mostBytes}. */
        public Builder(int mostBytes) {
            int padded = Frame.padded(mostBytes);
            buffer = new byte[padded];
            direct = ByteBuffer.allocateDirect(padded);
        }

        /** Begins a frame. */
        public void begin() {
            leaves.clear();
            at = Frame.HEADER;
        }

        /** Whether an entry of this length still fits. */
        public boolean fits(int entryLength) {
            return at + Frame.costOf(entryLength) + Frame.TRAILER <= buffer.length;
        }

        /** Adds an entry and returns its leaf hash. */
        public byte[] add(byte[] entry) {
            ByteBuffer.wrap(buffer).putInt(at, entry.length);
            System.arraycopy(entry, 0, buffer, at + 4, entry.length);
            byte[] leaf = hasher.leaf(buffer, at + 4, entry.length);
            leaves.add(leaf);
            at += Frame.costOf(entry.length);
            return leaf;
        }

        /** Entries added since {@link #begin}. */
        public int count() {
            return leaves.size();
        }

        /** Ends the frame and returns its hash. */
        public byte[] finish(long batch, long firstIndex, long durable, byte[] previous) {
            int length = at + Frame.TRAILER;
            ByteBuffer out = ByteBuffer.wrap(buffer);
            out.putInt(0, Frame.MAGIC).putInt(4, length).putInt(12, leaves.size());
            out.putLong(16, batch).putLong(24, firstIndex).putLong(32, durable).put(40, previous);
            out.putInt(72, Frame.headerCrc(buffer, 0));
            byte[] hash = Frame.batchHash(buffer, 0, leaves);
            out.put(at, hash).putInt(at + hash.length, Frame.END);
            out.putInt(8, Frame.crc(buffer, 0, length));
            at = length;
            return hash;
        }

        /** Bytes of the finished frame. */
        public int length() {
            return at;
        }

        /** The finished frame, padded with zeros. Valid until the next {@link #begin}. */
        public ByteBuffer bytes() {
            int padded = Frame.padded(at);
            Arrays.fill(buffer, at, padded, (byte) 0);
            return direct.clear().put(buffer, 0, padded).flip();
        }
    }
}
