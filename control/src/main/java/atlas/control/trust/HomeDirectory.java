package atlas.control.trust;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The directory that holds everything this installation is.
 *
 * <p>Promises: folders are mode 0700 and files 0600; a file under its final name is complete and on
 * disk (temporary file, fsync, rename, fsync of the folder); one process owns the directory until
 * {@link #close}. Blocks on disk. Thread-safe. Throws {@link HomeException} with the path and what
 * to do.
 */
public final class HomeDirectory implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> PRIVATE_FILE =
            PosixFilePermissions.fromString("rw-------");

    private final Path root;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final Consumer<String> crashPoint;

    private HomeDirectory(
            Path root, FileChannel lockFile, FileLock lock, Consumer<String> crashPoint) {
        this.root = root;
        this.lockFile = lockFile;
        this.lock = lock;
        this.crashPoint = crashPoint;
    }

    /** Makes the directory when it is missing, and takes it. */
    public static HomeDirectory open(Path root) {
        return open(root, _ -> {});
    }

    /**
     * As {@link #open(Path)}; {@code crashPoint} hears the name of every moment at which a crash
     * would leave a different disk behind, so that a test can crash there.
     */
    public static HomeDirectory open(Path root, Consumer<String> crashPoint) {
        Path home = root.toAbsolutePath().normalize();
        try {
            privateFolder(home);
        } catch (IOException e) {
            throw new HomeException(
                    "cannot make the home directory `"
                            + home
                            + "`: "
                            + reason(e)
                            + "; choose another with --home or ATLAS_HOME",
                    e);
        }
        return lock(home, crashPoint);
    }

    private static HomeDirectory lock(Path home, Consumer<String> crashPoint) {
        Path file = home.resolve("lock");
        try {
            FileChannel channel =
                    FileChannel.open(
                            file,
                            Set.of(
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.READ,
                                    StandardOpenOption.WRITE,
                                    LinkOption.NOFOLLOW_LINKS),
                            PosixFilePermissions.asFileAttribute(PRIVATE_FILE));
            FileLock lock = tryLock(channel);
            if (lock == null) {
                String owner = Files.readString(file).strip();
                channel.close();
                throw new HomeException(
                        "the home directory `"
                                + home
                                + "` is in use by process "
                                + owner
                                + "; stop it, or choose another with --home",
                        null);
            }
            channel.truncate(0);
            String pid = ProcessHandle.current().pid() + "\n";
            channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
            return new HomeDirectory(home, channel, lock, crashPoint);
        } catch (IOException e) {
            throw new HomeException(
                    "cannot lock `" + file + "`: " + reason(e) + "; check who owns it", e);
        }
    }

    private static @org.jspecify.annotations.Nullable FileLock tryLock(FileChannel channel)
            throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** The directory itself. */
    public Path root() {
        return root;
    }

    /** A path below the directory. */
    public Path path(String relative) {
        return root.resolve(relative);
    }

    /** Makes a private folder below the directory and returns it. */
    public Path folder(String relative) {
        try {
            return privateFolder(path(relative));
        } catch (IOException e) {
            throw failed("make", relative, e);
        }
    }

    /** Whether something lies there. */
    public boolean has(String relative) {
        return Files.exists(path(relative), LinkOption.NOFOLLOW_LINKS);
    }

    /** The bytes of a file; empty when there is none. */
    public Optional<byte[]> read(String relative) {
        try {
            return has(relative)
                    ? Optional.of(Files.readAllBytes(path(relative)))
                    : Optional.empty();
        } catch (IOException e) {
            throw failed("read", relative, e);
        }
    }

    /** Replaces a file, all of it or nothing. */
    public void write(String relative, byte[] bytes) {
        Path target = path(relative);
        Path folder = target.resolveSibling("").normalize();
        Path temporary = folder.resolve("." + target.getFileName() + ".new");
        try {
            privateFolder(folder);
            Files.deleteIfExists(temporary);
            try (FileChannel out =
                    FileChannel.open(
                            temporary,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(PRIVATE_FILE))) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
                out.force(true);
            }
            crashPoint.accept("before rename of " + relative);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            sync(folder);
        } catch (IOException e) {
            throw failed("write", relative, e);
        }
        crashPoint.accept("after " + relative);
    }

    /** Removes a file; nothing happens when there is none. */
    public void delete(String relative) {
        try {
            if (Files.deleteIfExists(path(relative))) {
                sync(path(relative).resolveSibling("").normalize());
            }
        } catch (IOException e) {
            throw failed("delete", relative, e);
        }
        crashPoint.accept("after deletion of " + relative);
    }

    /** Names a moment at which a crash would leave a different disk behind. */
    public void passed(String step) {
        crashPoint.accept("after " + step);
    }

    @Override
    public void close() {
        try {
            lock.release();
            lockFile.close();
        } catch (IOException e) {
            throw new HomeException("cannot give `" + root + "` back: " + reason(e), e);
        }
    }

    private static Path privateFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
        // A directory made by somebody's mkdir is taken over; its parents are not ours to change.
        if (!Files.getPosixFilePermissions(folder).equals(OWNER_ONLY)) {
            Files.setPosixFilePermissions(folder, OWNER_ONLY);
        }
        return folder;
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private HomeException failed(String verb, String relative, IOException e) {
        return new HomeException(
                "cannot "
                        + verb
                        + " `"
                        + path(relative)
                        + "`: "
                        + reason(e)
                        + "; check its owner, its mode and the free space",
                e);
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName().equals("FileSystemException") && e.getMessage() != null
                ? e.getMessage()
                : e.getClass().getSimpleName();
    }
}
