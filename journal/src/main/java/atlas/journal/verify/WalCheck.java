package atlas.journal.verify;

import atlas.core.crypto.Hashes;
import atlas.tlog.CheckpointText;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Checks the write-ahead log of a journal that is running or was killed: batches beyond the
 * checkpoint are whole, linked and without a gap, those before it agree with the tiles.
 *
 * <p>No signature covers this part yet. A last batch whose end was never written is what a crash
 * leaves, and noted; a changed one is broken.
 */
final class WalCheck {
    private static final int BLOCK = 4096;
    private static final int SECTOR = 512;
    private static final int HEADER = 76;
    private static final byte[] FRAME = {'A', 'W', 'L', '1'};
    private static final byte[] SEGMENT = {'A', 'W', 'S', '1'};

    private final CheckpointText checkpoint;
    private final StoredTiles stored;
    private final EmitterChains emitters;
    private final List<String> notes = new ArrayList<>();
    private final List<byte[]> leaves = new ArrayList<>();
    private final List<Blob> blobs = new ArrayList<>();
    private final TreeHasher hasher = new TreeHasher();
    private byte[] segment = new byte[0];
    private String where = "wal";
    private long batch = -1;
    private long index = -1;
    private byte[] previous = new byte[TreeHasher.HASH];
    private boolean ended;

    /** A payload kept apart that an entry not yet under the checkpoint refers to. */
    record Blob(long index, EmitterChains.BlobReference reference) {}

    /**
     * What the write-ahead log adds.
     *
     * @param total entries with those beyond the checkpoint
     * @param leaves leaf hashes of those beyond it
     */
    record Tail(long total, List<byte[]> leaves, List<Blob> blobs, List<String> notes) {}

    WalCheck(CheckpointText checkpoint, StoredTiles stored, EmitterChains emitters) {
        this.checkpoint = checkpoint;
        this.stored = stored;
        this.emitters = emitters;
    }

    /** Checks all segments as they are now. */
    Tail run(List<Snapshot.Segment> segments) throws IOException, BrokenException {
        for (Snapshot.Segment next : segments) {
            where = next.where();
            segment = next.read();
            segment();
        }
        long total = Math.max(checkpoint.size(), index);
        long beyond = total - checkpoint.size();
        if (beyond > 0) {
            notes.add(beyond + " entries are recorded and wait for the next checkpoint");
        }
        return new Tail(total, leaves, blobs, notes);
    }

    private void segment() throws IOException, BrokenException {
        if (zero(0, segment.length)) {
            return;
        }
        header();
        int at = BLOCK;
        while (at < segment.length && !zero(at, segment.length)) {
            int length = frameLength(at);
            if (length < 0) {
                interrupted(at);
                return;
            }
            if (ended) {
                throw broken("a batch follows one that was not finished");
            }
            frame(at, length);
            int next = at + (length + BLOCK - 1) / BLOCK * BLOCK;
            if (!zero(at + length, Math.min(next, segment.length))) {
                throw broken("the padding after batch " + batch + " was altered");
            }
            at = next;
        }
    }

    private void header() throws BrokenException {
        byte[] origin = Hashes.sha256(checkpoint.origin()).bytes();
        ByteBuffer in = ByteBuffer.wrap(Arrays.copyOf(segment, BLOCK));
        boolean holds =
                starts(0, SEGMENT)
                        && in.getInt(4) == 1
                        && where.equals(String.format("wal/%016d.wal", in.getLong(8)))
                        && in.getLong(16) >= segment.length
                        && Arrays.equals(in.array(), 24, 56, origin, 0, 32)
                        && in.getInt(56) == crc(in.array(), 0, 56)
                        && zero(60, Math.min(BLOCK, segment.length));
        if (!holds) {
            throw broken("not a write-ahead segment of this log");
        }
    }

    /** The length of the frame at this place, if every check sum of it holds; else -1. */
    private int frameLength(int at) {
        if (!headerHolds(at)) {
            return -1;
        }
        ByteBuffer in = ByteBuffer.wrap(segment);
        int length = in.getInt(at + 4);
        boolean holds =
                length >= HEADER + 36
                        && length <= segment.length - at
                        && in.getInt(at + 8) == crc(segment, at + 12, length - 12);
        return holds ? length : -1;
    }

    private boolean headerHolds(int at) {
        if (segment.length - at < HEADER || !starts(at, FRAME)) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(segment, at, 8);
        crc.update(segment, at + 12, 60);
        return (int) crc.getValue() == ByteBuffer.wrap(segment).getInt(at + 72);
    }

    private void frame(int at, int length) throws IOException, BrokenException {
        ByteBuffer in = ByteBuffer.wrap(segment, at, length);
        int count = in.getInt(at + 12);
        long first = in.getLong(at + 24);
        boolean follows =
                batch < 0
                        || (in.getLong(at + 16) == batch + 1
                                && first == index
                                && Arrays.equals(segment, at + 40, at + 72, previous, 0, 32));
        if (!follows || first > Math.max(checkpoint.size(), index)) {
            long missing = batch < 0 ? checkpoint.size() : index;
            throw new BrokenException(missing, "entries from here on are missing", where);
        }
        MessageDigest sha256 = Hashes.sha256();
        sha256.update(segment, at + 12, 60);
        in.position(at + HEADER);
        for (int i = 0; i < count; i++) {
            entry(in, first + i, at + length - 36, sha256);
        }
        byte[] hash = sha256.digest();
        if (in.remaining() != 36
                || Arrays.mismatch(hash, 0, 32, segment, in.position(), in.position() + 32) >= 0
                || in.getInt(in.position() + 32) != 0x5A5A5A5A) {
            throw broken("the batch from entry " + first + " on does not have its hash");
        }
        batch = in.getLong(at + 16);
        index = first + count;
        previous = hash;
    }

    private void entry(ByteBuffer in, long number, int end, MessageDigest sha256)
            throws IOException, BrokenException {
        int length = in.position() + 4 > end ? -1 : in.getInt();
        if (length < 0 || length > end - in.position()) {
            throw new BrokenException(number, "the batch ends within this entry", where);
        }
        byte[] entry = new byte[length];
        in.get(entry);
        byte[] leaf = hasher.leaf(entry);
        sha256.update(leaf);
        if (number >= checkpoint.size()) {
            leaves.add(leaf);
            emitters.next(number, entry, leaf, where)
                    .ifPresent(reference -> blobs.add(new Blob(number, reference)));
        } else if (!Arrays.equals(leaf, stored.leaf(number))) {
            throw new BrokenException(
                    number, "the write-ahead log has another entry than the tree", where);
        }
    }

    /** What does not hold here is a write that was cut short, or it is broken. */
    private void interrupted(int at) throws BrokenException {
        if (!cutShort(at)) {
            throw broken("the batch from entry " + Math.max(index, 0) + " on was altered");
        }
        ended = true;
        for (int later = at + BLOCK; later < segment.length; later += BLOCK) {
            if (frameLength(later) >= 0) {
                boolean promised = ByteBuffer.wrap(segment).getLong(later + 32) > batch + 1;
                if (promised) {
                    throw broken("a batch that had been durable is damaged");
                }
            }
        }
        notes.add("`" + where + "` ends in a batch that was not finished and never acknowledged");
    }

    private boolean cutShort(int at) {
        if (!headerHolds(at)) {
            int written = segment.length - at;
            while (written > 0 && segment[at + written - 1] == 0) {
                written--;
            }
            int seen = Math.min(FRAME.length, written);
            return zero(at, Math.min(at + SECTOR, segment.length))
                    || (written < HEADER && Arrays.equals(segment, at, at + seen, FRAME, 0, seen));
        }
        long end = (long) at + ByteBuffer.wrap(segment).getInt(at + 4);
        if (end > segment.length || segment[(int) end - 1] == 0) {
            return true;
        }
        for (int sector = at; sector < end; sector += SECTOR) {
            if (zero(sector, (int) Math.min(sector + SECTOR, end))) {
                return true;
            }
        }
        return false;
    }

    private BrokenException broken(String what) {
        return new BrokenException(index < 0 ? -1 : index, what, where);
    }

    private boolean starts(int at, byte[] magic) {
        return segment.length - at >= 4 && Arrays.equals(segment, at, at + 4, magic, 0, 4);
    }

    private boolean zero(int from, int to) {
        for (int i = from; i < to; i++) {
            if (segment[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
