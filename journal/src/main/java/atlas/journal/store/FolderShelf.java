package atlas.journal.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A directory that several machines mount. Files are written and synced aside and then linked to
 * their names, which only one of several can; what changes is changed under a file lock. The file
 * system must have both: local ones and NFS 4 do.
 */
public final class FolderShelf implements SharedShelf {
    /** A file lock keeps processes apart, not the threads of one. */
    private static final Object LOCK = new Object();

    private final Path root;
    private final Path scratch;
    private final AtomicLong counter = new AtomicLong();
    private final Set<Path> unsynced = ConcurrentHashMap.newKeySet();

    /**
     * Opens the directory, making it when it is new.
     *
     * @param name of this user of it, unlike any other
     */
    public FolderShelf(Path root, String name) throws IOException {
        this.root = root;
        this.scratch = root.resolve("tmp").resolve(name);
        Files.createDirectories(scratch);
    }

    @Override
    public byte[] read(String name) throws IOException {
        return Files.readAllBytes(root.resolve(name));
    }

    @Override
    public void put(String name, byte[] content) throws IOException {
        Path file = root.resolve(name);
        Path parent = Objects.requireNonNull(file.getParent());
        Files.createDirectories(parent);
        if (!same(file, name, content)) {
            Path aside = aside(content);
            try {
                Files.createLink(file, aside);
            } catch (FileAlreadyExistsException e) {
                same(file, name, content);
            } finally {
                Files.delete(aside);
            }
        }
        // Whoever wrote it may have been stopped before its name was durable.
        for (Path at = parent; at != null && at.startsWith(root); at = at.getParent()) {
            unsynced.add(at);
        }
    }

    private static boolean same(Path file, String name, byte[] content) throws IOException {
        try {
            if (!Arrays.equals(Files.readAllBytes(file), content)) {
                throw new TakenException(name);
            }
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private Path aside(byte[] content) throws IOException {
        Path aside = scratch.resolve(Long.toString(counter.incrementAndGet()));
        try (FileChannel channel =
                FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        return aside;
    }

    @Override
    public void sync() throws IOException {
        for (Path directory : unsynced) {
            syncDirectory(directory);
        }
        unsynced.clear();
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (NoSuchFileException e) {
            // Another one removed it with all that was in it, when nothing there was needed.
        }
    }

    @Override
    public void keep(String name, byte[] content) throws IOException {
        put(name, content);
        for (Path at = root.resolve(name).getParent();
                at != null && at.startsWith(root);
                at = at.getParent()) {
            syncDirectory(at);
        }
    }

    @Override
    public boolean swap(String name, byte[] expected, byte[] content) throws IOException {
        Path file = root.resolve(name);
        synchronized (LOCK) {
            try (FileChannel channel =
                            FileChannel.open(
                                    root.resolve("lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                Path parent = Objects.requireNonNull(file.getParent());
                Files.createDirectories(parent);
                byte[] there = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
                if (!lock.isValid() || !Arrays.equals(there, expected)) {
                    return false;
                }
                Files.move(
                        aside(content),
                        file,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                for (Path at = parent; at != null && at.startsWith(root); at = at.getParent()) {
                    syncDirectory(at);
                }
                return true;
            }
        }
    }

    @Override
    public List<String> names(String folder) throws IOException {
        return DiskShelf.names(root.resolve(folder));
    }

    @Override
    public void remove(String name) throws IOException {
        Files.deleteIfExists(root.resolve(name));
    }

    @Override
    public void close() throws IOException {
        for (String left : names("tmp/" + scratch.getFileName())) {
            Files.deleteIfExists(scratch.resolve(left));
        }
        Files.deleteIfExists(scratch);
    }
}
