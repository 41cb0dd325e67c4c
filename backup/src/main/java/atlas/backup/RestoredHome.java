package atlas.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A home that is being put back: beside its place until it is whole, then there at once.
 *
 * <p>Promises: the place holds nothing or all of it, whenever the machine stops; folders are mode
 * 0700 and files 0600; nothing that was there is overwritten. What an interrupted restore left
 * beside the place is removed by the next one. Blocks on disk. One thread.
 */
public final class RestoredHome implements BackupReader.Sink, AutoCloseable {
    private static final String MARK = ".restoring-";
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final Set<StandardOpenOption> NEW =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

    private final Path home;
    private final Path staging;
    private final FileChannel lock;
    private boolean settled;

    private RestoredHome(Path home, Path staging, FileChannel lock) {
        this.home = home;
        this.staging = staging;
        this.lock = lock;
    }

    /**
     * Makes room beside the place.
     *
     * @throws BackupException when something is there already, or no room can be made
     */
    public static RestoredHome stage(Path place) {
        Path home = place.toAbsolutePath().normalize();
        Path parent = home.getParent();
        if (parent == null) {
            throw new BackupException("`" + home + "` is no place for a home");
        }
        try {
            requireFree(home);
            Files.createDirectories(parent);
            removeLeftovers(home, parent);
            byte[] unique = new byte[8];
            new SecureRandom().nextBytes(unique);
            Path staging = parent.resolve(prefix(home) + HexFormat.of().formatHex(unique));
            Files.createDirectory(staging, PRIVATE_FOLDER);
            // The home's own lock file: held until it is in its place.
            FileChannel lock = FileChannel.open(staging.resolve("lock"), NEW, PRIVATE_FILE);
            lock.lock();
            return new RestoredHome(home, staging, lock);
        } catch (IOException e) {
            throw new BackupException("cannot restore to `" + home + "`: " + e.getMessage(), e);
        }
    }

    private static String prefix(Path home) {
        return "." + home.getFileName() + MARK;
    }

    private static void requireFree(Path home) throws IOException {
        if (!Files.exists(home, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        boolean empty = false;
        if (Files.isDirectory(home, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> there = Files.list(home)) {
                empty = there.findAny().isEmpty();
            }
        }
        if (!empty) {
            throw new BackupException(
                    "there is something in `"
                            + home
                            + "` already; a home is restored to a place where nothing is");
        }
    }

    private static void removeLeftovers(Path home, Path parent) throws IOException {
        List<Path> found;
        try (Stream<Path> there = Files.list(parent)) {
            found =
                    there.filter(path ->
                                    String.valueOf(path.getFileName()).startsWith(prefix(home)))
                            .toList();
        }
        for (Path old : found) {
            if (isNobodys(old.resolve("lock"))) {
                remove(old);
            }
        }
    }

    /** Whether no restore is at work there; one that has no lock yet was stopped before it. */
    private static boolean isNobodys(Path lockFile) throws IOException {
        if (!Files.exists(lockFile, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** Where it is until {@link #settle}. */
    public Path root() {
        return staging;
    }

    @Override
    public void file(String path, long bytes, InputStream content) throws IOException {
        Path target = staging.resolve(path).normalize();
        if (!BackupPath.isOne(path) || !target.startsWith(staging)) {
            throw new BrokenBackup("`" + path + "` would lie outside of the home");
        }
        Files.createDirectories(Objects.requireNonNull(target.getParent()), PRIVATE_FOLDER);
        try (FileChannel channel = FileChannel.open(target, NEW, PRIVATE_FILE);
                OutputStream out = Channels.newOutputStream(channel)) {
            content.transferTo(out);
            channel.force(true);
        }
    }

    /** Puts it in its place; durable when this returns. */
    public void settle() {
        try {
            syncFolders();
            Files.move(staging, home, StandardCopyOption.ATOMIC_MOVE);
            settled = true;
            BackupFile.sync(Objects.requireNonNull(home.getParent()));
        } catch (IOException e) {
            throw new BackupException(
                    "cannot put the restored home to `" + home + "`: " + e.getMessage(), e);
        }
    }

    private void syncFolders() throws IOException {
        try (Stream<Path> all = Files.walk(staging)) {
            for (Path folder : all.filter(Files::isDirectory).toList()) {
                BackupFile.sync(folder);
            }
        }
    }

    private static void remove(Path tree) throws IOException {
        Files.walkFileTree(
                tree,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path folder, @Nullable IOException failure) throws IOException {
                        Files.delete(folder);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /** Removes what was staged, unless it is in its place. */
    @Override
    public void close() {
        try {
            if (!settled) {
                remove(staging);
            }
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove `" + staging + "`", e);
        }
    }
}
