package atlas.registry;

import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
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
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The registry's files: {@code objects/} and {@code records/}, both named by the SHA-256 of their
 * sealed bytes, {@code parts/} for what is still being written, and {@code index}. Every file is
 * written whole, synced, then named; the index names what counts.
 */
final class Store implements AutoCloseable {
    private static final byte[] INDEX_PLACE =
            "atlas-registry-index/1".getBytes(StandardCharsets.US_ASCII);
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path root;
    private final Sealer sealer;
    private final FileChannel lock;

    private Store(Path root, Sealer sealer, FileChannel lock) {
        this.root = root;
        this.sealer = sealer;
        this.lock = lock;
    }

    static Store open(Path root, Sealer sealer) {
        try {
            for (String folder : List.of("objects", "records", "parts")) {
                Files.createDirectories(root.resolve(folder), OWNER_ONLY_DIRECTORY);
            }
            return new Store(root, sealer, lock(root));
        } catch (IOException e) {
            throw new RegistryException("cannot open the registry in `" + root + "`", e);
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        root.resolve("lock"), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        FileLock held;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw inUse(root, e);
        }
        if (held == null) {
            channel.close();
            throw inUse(root, null);
        }
        return channel;
    }

    private static RegistryException inUse(Path root, @Nullable Exception cause) {
        return new RegistryException(
                "the registry in `" + root + "` is open in another process; stop that one first",
                cause);
    }

    /** The index, or the empty one of a registry that was never used. */
    Index readIndex() {
        Path file = root.resolve("index");
        try {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                if (!names(root.resolve("records")).isEmpty()) {
                    throw new RegistryException(
                            "the registry's index `"
                                    + file
                                    + "` is missing; restore it from a backup",
                            null);
                }
                return Index.EMPTY;
            }
            return Index.parse(sealer.open(Files.readAllBytes(file), INDEX_PLACE));
        } catch (SealBrokenException e) {
            throw new RegistryException(
                    "the registry's index `"
                            + file
                            + "` was altered or sealed by another vault; restore it from a backup",
                    e);
        } catch (IOException e) {
            throw new RegistryException("cannot read the registry's index `" + file + "`", e);
        }
    }

    void writeIndex(Index index) {
        try {
            Path part = write(sealer.seal(index.json(), INDEX_PLACE));
            move(part, root.resolve("index"));
        } catch (IOException e) {
            throw new RegistryException("cannot write the registry's index", e);
        }
    }

    /** Seals and stores a record; returns its name. */
    Digest writeRecord(StoredVersion version) throws IOException {
        byte[] sealed = sealer.seal(version.json(), recordPlace(version.ref()));
        Digest digest = Hashes.sha256(sealed);
        move(write(sealed), record(digest));
        return digest;
    }

    /**
     * Reads a version's record.
     *
     * @throws RegistryRefusal when it is missing or not the one that was stored
     */
    StoredVersion readRecord(ModelRef ref, Digest digest) {
        try {
            byte[] sealed = Files.readAllBytes(record(digest));
            if (!Hashes.sha256(sealed).equals(digest)) {
                throw altered(ref, "its record was altered", null);
            }
            StoredVersion version = StoredVersion.parse(sealer.open(sealed, recordPlace(ref)));
            if (!version.ref().equals(ref)) {
                throw altered(ref, "its record is that of `" + version.ref() + "`", null);
            }
            return version;
        } catch (SealBrokenException e) {
            throw altered(ref, "its record does not open: " + e.getMessage(), e);
        } catch (IOException e) {
            throw altered(ref, "its record cannot be read", e);
        }
    }

    private static RegistryRefusal altered(ModelRef ref, String what, @Nullable Exception cause) {
        String message = "`" + ref + "` is refused: " + what + "; push it again";
        return cause == null
                ? new RegistryRefusal(RegistryRefusal.Cause.ALTERED, message)
                : new RegistryRefusal(RegistryRefusal.Cause.ALTERED, message, cause);
    }

    private static byte[] recordPlace(ModelRef ref) {
        return ("atlas-registry-record/1\n" + ref).getBytes(StandardCharsets.US_ASCII);
    }

    private Path record(Digest digest) {
        return root.resolve("records").resolve(digest.hex());
    }

    Path object(Digest digest) {
        return root.resolve("objects").resolve(digest.hex());
    }

    /** A name for a file being written. */
    Path newPart() {
        return root.resolve("parts").resolve(UUID.randomUUID().toString());
    }

    /** Opens a new part for its owner alone. */
    FileChannel create(Path part) throws IOException {
        return FileChannel.open(
                part, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), OWNER_ONLY);
    }

    /** Makes a written and synced part an object. */
    void keep(Path part, Digest digest) throws IOException {
        move(part, object(digest));
    }

    private Path write(byte[] bytes) throws IOException {
        Path part = newPart();
        try (FileChannel channel = create(part)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        return part;
    }

    private static void move(Path part, Path target) throws IOException {
        Files.move(
                part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path parent = target.toAbsolutePath().getParent();
        if (parent != null) {
            try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }

    void discardObject(Digest digest) {
        discard(object(digest));
    }

    void discardRecord(Digest digest) {
        discard(record(digest));
    }

    void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new RegistryException("cannot remove `" + file + "`", e);
        }
    }

    /** Removes what a crash left behind: parts, and files the index does not lead to. */
    void collect(Set<String> records, Set<String> objects) {
        try {
            keepOnly(root.resolve("parts"), Set.of());
            keepOnly(root.resolve("records"), records);
            keepOnly(root.resolve("objects"), objects);
        } catch (IOException e) {
            throw new RegistryException("cannot tidy the registry in `" + root + "`", e);
        }
    }

    private static void keepOnly(Path folder, Set<String> keep) throws IOException {
        for (Path file : names(folder)) {
            if (!keep.contains(String.valueOf(file.getFileName()))) {
                Files.delete(file);
            }
        }
    }

    private static List<Path> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new RegistryException("cannot let go of the registry's lock", e);
        }
    }
}
