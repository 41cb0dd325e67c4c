package atlas.journal.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The real file system.
 *
 * <p>Files put in place by {@link #replace} are written in one scratch directory on the same
 * volume, so that a crash leaves nothing half-written under a real name.
 */
final class RealDisk implements Disk {
    private static final int CHUNK = 1 << 20;

    private final Path scratch;
    private final AtomicLong counter = new AtomicLong();

    /** A disk that writes aside in {@code scratch}, which must exist. */
    RealDisk(Path scratch) {
        this.scratch = scratch;
    }

    @Override
    public Segment create(Path path, ByteBuffer beginning, long bytes) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        // Zeros are written, not just allocated: converting unwritten extents later would cost a
        // file-system journal commit in every fdatasync.
        ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK);
        for (long at = 0; at < bytes; at += zeros.limit()) {
            zeros.clear().limit((int) Math.min(CHUNK, bytes - at));
            writeFully(channel, zeros, at);
        }
        writeFully(channel, beginning, 0);
        channel.force(true);
        syncDirectory(Objects.requireNonNull(path.getParent()));
        return new RealSegment(path, channel, Inode.of(path));
    }

    @Override
    public Segment open(Path path) throws IOException {
        return new RealSegment(
                path, FileChannel.open(path, StandardOpenOption.WRITE), Inode.of(path));
    }

    @Override
    public void replace(Path path, byte[] content) throws IOException {
        Path aside = scratch.resolve(Long.toString(counter.incrementAndGet()));
        try (FileChannel channel =
                FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            writeFully(channel, ByteBuffer.wrap(content), 0);
            channel.force(false);
        }
        Files.move(
                aside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public long usable(Path directory) throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes, long position)
            throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    private record RealSegment(Path path, FileChannel channel, Inode inode) implements Segment {
        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            writeFully(channel, bytes, position);
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public boolean linked() throws IOException {
            return inode.linked();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
