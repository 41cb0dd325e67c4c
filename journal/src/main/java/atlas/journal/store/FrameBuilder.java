package atlas.journal.store;

import atlas.journal.tlog.TreeHasher;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Builds frames, one after the other, in one buffer. Belongs to the committer's thread. */
public final class FrameBuilder {
    private final byte[] buffer;
    private final ByteBuffer direct;
    private final TreeHasher hasher = new TreeHasher();
    private final List<byte[]> leaves = new ArrayList<>();
    private int at;

    /** A builder of frames of up to {@code mostBytes}. */
    public FrameBuilder(int mostBytes) {
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
