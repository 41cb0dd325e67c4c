package atlas.control.upload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/** Reads a staged file; holds the plaintext of one chunk at a time, in memory. */
final class SealedChannel extends FileChannel {
    private static final int TRANSFER = 64 << 10;

    private final StagedFile file;
    // Guarded by this.
    private long position;
    private int openIndex = -1;
    private byte[] openChunk = new byte[0];

    SealedChannel(StagedFile file) {
        this.file = file;
    }

    @Override
    public synchronized int read(ByteBuffer target) throws IOException {
        int count = read(target, position);
        position += Math.max(0, count);
        return count;
    }

    @Override
    public synchronized int read(ByteBuffer target, long from) throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (from >= file.length()) {
            return -1;
        }
        int total = 0;
        while (target.hasRemaining() && from + total < file.length()) {
            StagedFile.Chunk chunk = chunkAt(from + total);
            int start = (int) (from + total - chunk.offset());
            int count = Math.min(target.remaining(), chunk.length() - start);
            target.put(openChunk, start, count);
            total += count;
        }
        return total;
    }

    @Override
    public synchronized long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            int count = read(targets[i]);
            if (count < 0) {
                return total == 0 ? -1 : total;
            }
            total += count;
        }
        return total;
    }

    @Override
    public long transferTo(long from, long count, WritableByteChannel target) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(count, TRANSFER));
        if (read(buffer, from) <= 0) {
            return 0;
        }
        return target.write(buffer.flip());
    }

    private StagedFile.Chunk chunkAt(long where) throws IOException {
        List<StagedFile.Chunk> chunks = file.chunks();
        int low = 0;
        int high = chunks.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (chunks.get(middle).offset() <= where) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        if (low != openIndex) {
            openChunk = file.open(chunks.get(low));
            openIndex = low;
        }
        return chunks.get(low);
    }

    @Override
    public synchronized long position() {
        return position;
    }

    @Override
    public synchronized FileChannel position(long next) {
        if (next < 0) {
            throw new IllegalArgumentException("a position is not negative");
        }
        position = next;
        return this;
    }

    @Override
    public long size() {
        return file.length();
    }

    @Override
    public int write(ByteBuffer source) {
        throw new NonWritableChannelException();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw new NonWritableChannelException();
    }

    @Override
    public int write(ByteBuffer source, long at) {
        throw new NonWritableChannelException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long at, long count) {
        throw new NonWritableChannelException();
    }

    @Override
    public FileChannel truncate(long size) {
        throw new NonWritableChannelException();
    }

    @Override
    public void force(boolean metaData) {}

    @Override
    public MappedByteBuffer map(MapMode mode, long from, long size) {
        throw new UnsupportedOperationException("sealed files cannot be mapped");
    }

    @Override
    public FileLock lock(long from, long size, boolean shared) {
        throw new UnsupportedOperationException("uploads do not change");
    }

    @Override
    public FileLock tryLock(long from, long size, boolean shared) {
        throw new UnsupportedOperationException("uploads do not change");
    }

    @Override
    protected synchronized void implCloseChannel() {
        openChunk = new byte[0];
        openIndex = -1;
    }
}
