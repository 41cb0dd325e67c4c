package atlas.control.upload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.List;

/** Reads a staged file; holds the plaintext of one chunk at a time, in memory. */
final class SealedChannel implements SeekableByteChannel {
    private final StagedFile file;
    private long position;
    private int openIndex = -1;
    private byte[] openChunk = new byte[0];
    private boolean open = true;

    SealedChannel(StagedFile file) {
        this.file = file;
    }

    @Override
    public synchronized int read(ByteBuffer target) throws IOException {
        requireOpen();
        if (position >= file.length()) {
            return -1;
        }
        int total = 0;
        while (target.hasRemaining() && position < file.length()) {
            StagedFile.Chunk chunk = chunkAt(position);
            int from = (int) (position - chunk.offset());
            int count = Math.min(target.remaining(), chunk.length() - from);
            target.put(openChunk, from, count);
            position += count;
            total += count;
        }
        return total;
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
    public synchronized SeekableByteChannel position(long next) {
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
    public SeekableByteChannel truncate(long size) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public synchronized void close() {
        open = false;
        openChunk = new byte[0];
        openIndex = -1;
    }

    private void requireOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }
}
