package atlas.journal.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file system as the journal needs it; the seam at which tests break it.
 *
 * <p>Thread-safe. After any {@code IOException} from a writing method, what is on the disk is
 * unknown.
 */
public interface Disk {

    /** The real file system; {@code scratch}, which must exist, is where it writes aside. */
    static Disk real(Path scratch) {
        return new RealDisk(scratch);
    }

    /** Creates a file of zeros, all of them written and synced, its name too. */
    Segment create(Path path, ByteBuffer beginning, long bytes) throws IOException;

    /** Opens a file that is there for writing into it; it grows when written past its end. */
    Segment open(Path path) throws IOException;

    /** Puts a whole file in place under its name: written aside, synced, renamed. */
    void replace(Path path, byte[] content) throws IOException;

    /** Makes the names in a directory durable. */
    void syncDirectory(Path directory) throws IOException;

    /** Removes a file if it is there. */
    void delete(Path path) throws IOException;

    /**
     * Removes a file if it is there, after overwriting it where it lies: what it held is not left
     * in free blocks, as far as the file system and what is below it overwrite in place.
     */
    default void erase(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Segment segment = open(path)) {
            segment.write(ByteBuffer.allocate(Math.toIntExact(Files.size(path))), 0);
            segment.force();
        }
        delete(path);
    }

    /** Space left for us on the volume. */
    long usable(Path directory) throws IOException;

    /** A file open for writing. Belongs to one thread. */
    interface Segment extends AutoCloseable {
        Path path();

        void write(ByteBuffer bytes, long position) throws IOException;

        /** Fdatasync; after a failure the segment must not be used again. */
        void force() throws IOException;

        /** Whether the path still leads to this very file: an unlinked one swallows writes. */
        boolean linked() throws IOException;

        @Override
        void close() throws IOException;
    }
}
