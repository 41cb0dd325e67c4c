package atlas.journal.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A shelf that is a directory. Files are written and forced several at once, for a disk that is
 * asked for one after the other spends its time waiting; all of them are waited for by {@link
 * #sync}.
 */
final class DiskShelf implements Shelf {
    private final Disk disk;
    private final Path root;
    private final AtOnce writes = new AtOnce();
    private final Set<Path> unsynced = new LinkedHashSet<>();

    DiskShelf(Disk disk, Path root) {
        this.disk = disk;
        this.root = root;
    }

    @Override
    public byte[] read(String name) throws IOException {
        return Files.readAllBytes(root.resolve(name));
    }

    @Override
    public void put(String name, byte[] content) throws IOException {
        Path file = root.resolve(name);
        Path parent = Objects.requireNonNull(file.getParent());
        for (Path at = parent; !Files.exists(at); at = Objects.requireNonNull(at.getParent())) {
            unsynced.add(Objects.requireNonNull(at.getParent()));
        }
        Files.createDirectories(parent);
        unsynced.add(parent);
        writes.begin(content.length, () -> disk.replace(file, content));
    }

    @Override
    public void sync() throws IOException {
        writes.await();
        // A name is durable once the directory was forced after the file was put there.
        for (Path directory : unsynced) {
            writes.begin(0, () -> disk.syncDirectory(directory));
        }
        writes.await();
        unsynced.clear();
    }

    @Override
    public void keep(String name, byte[] content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        disk.replace(file, content);
        for (Path at = file.getParent(); at != null && at.startsWith(root); at = at.getParent()) {
            disk.syncDirectory(at);
        }
    }

    @Override
    public List<String> names(String folder) throws IOException {
        return names(root.resolve(folder));
    }

    /** The names in a directory; none when it is not there. */
    static List<String> names(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    @Override
    public void remove(String name) throws IOException {
        disk.delete(root.resolve(name));
    }
}
