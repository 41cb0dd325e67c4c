package atlas.node.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A file that exists in memory only and can no longer be changed by anybody, as a way to hand
 * weights to a child process. It has no name in any directory and vanishes with its last holder.
 */
public final class SealedMemory implements AutoCloseable {
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_ADD_SEALS = 1033;
    // F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE
    private static final long ALL_SEALS = 1 | 2 | 4 | 8;
    private static final long CHUNK = 1 << 20;

    private final int fd;
    private boolean closed;

    private SealedMemory(int fd) {
        this.fd = fd;
    }

    /** Whether this machine has such files. */
    public static boolean available() {
        return LibC.usable();
    }

    /**
     * Copies the bytes into a new sealed file.
     *
     * @throws IllegalStateException when the operating system refuses
     */
    public static SealedMemory of(MemorySegment bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom("atlas-weights");
            int fd = LibC.memfdCreate(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
            if (fd < 0) {
                throw new IllegalStateException("no memory file could be made");
            }
            SealedMemory made = new SealedMemory(fd);
            try {
                made.fill(bytes, arena);
                if (LibC.fcntl(fd, F_ADD_SEALS, ALL_SEALS) != 0) {
                    throw new IllegalStateException("the memory file could not be sealed");
                }
                return made;
            } catch (RuntimeException | Error e) {
                made.close();
                throw e;
            }
        }
    }

    private void fill(MemorySegment bytes, Arena arena) {
        MemorySegment chunk = arena.allocate(CHUNK);
        try {
            for (long at = 0; at < bytes.byteSize(); ) {
                long count = Math.min(CHUNK, bytes.byteSize() - at);
                MemorySegment.copy(bytes, at, chunk, 0, count);
                long written = LibC.write(fd, chunk, count);
                if (written <= 0) {
                    throw new IllegalStateException("the memory file could not be written");
                }
                at += written;
            }
        } finally {
            chunk.fill((byte) 0);
        }
    }

    /** A path under which this process, and a child that inherits it, can open the file. */
    public Path path() {
        return Path.of("/proc/self/fd/" + fd);
    }

    /** Tries to change the file; false when the seals hold, as they must. */
    boolean writable() {
        try (Arena arena = Arena.ofConfined()) {
            return LibC.write(fd, arena.allocate(1), 1) == 1;
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            LibC.close(fd);
        }
    }
}
