package atlas.control.upload;

import atlas.control.upload.UploadRefusal.Why;
import atlas.core.crypto.Sealer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Uploads under way.
 *
 * <p>Promises: every chunk is sealed, bound to its upload, file and offset, before it is written;
 * what was not committed is gone at the next start, or an hour after its last byte. Only who began
 * an upload can go on with it. Thread-safe; blocks on disk.
 */
public final class Uploads implements AutoCloseable {
    private static final int MAX_UPLOADS = 16;
    private static final int MAX_FILES = 1024;
    private static final Duration IDLE = Duration.ofHours(1);
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9_+@=,-][A-Za-z0-9._+@=, -]*");

    private final Path directory;
    private final Sealer sealer;
    private final int maxChunkBytes;
    private final long maxBytes;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();

    /** Takes the directory over and empties it. */
    public Uploads(Path directory, Sealer sealer, int maxChunkBytes, long maxBytes, Clock clock) {
        this.directory = directory;
        this.sealer = sealer;
        this.maxChunkBytes = maxChunkBytes;
        this.maxBytes = maxBytes;
        this.clock = clock;
        empty(directory, false);
    }

    /** One upload; its files grow until it ends. */
    public static final class Upload {
        private final String id;
        private final String name;
        private final String owner;
        private final Map<String, StagedFile> files = new ConcurrentHashMap<>();
        // Guarded by this upload's monitor.
        private long bytes;
        private Instant touched;
        private boolean ended;

        private Upload(String id, String name, String owner, Instant now) {
            this.id = id;
            this.name = name;
            this.owner = owner;
            this.touched = now;
        }

        public String id() {
            return id;
        }

        /** The model it is for. */
        public String name() {
            return name;
        }

        public Map<String, StagedFile> files() {
            return Map.copyOf(files);
        }

        public synchronized long bytes() {
            return bytes;
        }
    }

    public int maxChunkBytes() {
        return maxChunkBytes;
    }

    /** When the upload is forgotten unless more arrives. */
    public Instant expires(Upload upload) {
        synchronized (upload) {
            return upload.touched.plus(IDLE);
        }
    }

    public synchronized Upload begin(String name, String owner) throws UploadRefusal {
        expire();
        if (uploads.size() >= MAX_UPLOADS) {
            throw new UploadRefusal(
                    Why.BUSY, "too many uploads are under way; finish one or give one up");
        }
        byte[] unique = new byte[12];
        random.nextBytes(unique);
        Upload upload =
                new Upload("upl_" + HexFormat.of().formatHex(unique), name, owner, clock.instant());
        try {
            Files.createDirectory(
                    directory.resolve(upload.id),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make room for an upload", e);
        }
        uploads.put(upload.id, upload);
        return upload;
    }

    /** The caller's upload; somebody else's is as unknown as none. */
    public Upload find(String id, String name, String owner) throws UploadRefusal {
        Upload upload = uploads.get(id);
        if (upload == null || !upload.owner.equals(owner) || !upload.name.equals(name)) {
            throw new UploadRefusal(Why.UNKNOWN, "there is no upload `" + id + "`; begin another");
        }
        return upload;
    }

    /** Adds a chunk at the end of a file and returns the file's length. */
    public long add(Upload upload, String file, long offset, byte[] bytes) throws UploadRefusal {
        synchronized (upload) {
            requireName(file);
            StagedFile staged = upload.files.get(file);
            long length = staged == null ? 0 : staged.length();
            if (upload.ended) {
                throw new UploadRefusal(Why.UNKNOWN, "the upload has ended; begin another");
            }
            if (offset != length) {
                throw new UploadRefusal(
                        Why.CONFLICT,
                        "`"
                                + file
                                + "` has "
                                + length
                                + " bytes; go on at `offset="
                                + length
                                + "`");
            }
            if (bytes.length > maxChunkBytes || upload.bytes + bytes.length > maxBytes) {
                throw new UploadRefusal(
                        Why.QUOTA,
                        "a chunk has at most " + maxChunkBytes + " bytes, an upload " + maxBytes);
            }
            if (staged == null) {
                if (upload.files.size() >= MAX_FILES) {
                    throw new UploadRefusal(
                            Why.QUOTA, "an upload has at most " + MAX_FILES + " files");
                }
                staged = new StagedFile(sealer, upload.id + "\n" + file);
            }
            Path part =
                    directory
                            .resolve(upload.id)
                            .resolve(
                                    upload.files.size()
                                            + "-"
                                            + upload.bytes
                                            + "-"
                                            + staged.chunks().size());
            write(part, staged.seal(offset, bytes));
            staged.added(part, bytes.length);
            upload.files.put(file, staged);
            upload.bytes += bytes.length;
            upload.touched = clock.instant();
            return staged.length();
        }
    }

    private static void write(Path part, byte[] sealed) {
        try {
            Files.write(
                    Files.createFile(
                            part,
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------"))),
                    sealed,
                    StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep a chunk of an upload", e);
        }
    }

    // A relative path without dot segments or hidden names, so that it means the same everywhere.
    private static void requireName(String file) throws UploadRefusal {
        String[] segments = file.split("/", -1);
        boolean fits = file.length() <= 512 && segments.length <= 8;
        for (String segment : segments) {
            fits &= SEGMENT.matcher(segment).matches();
        }
        if (!fits) {
            throw new UploadRefusal(
                    Why.INVALID,
                    "a file name is relative, without `..` or hidden parts, of letters, digits"
                            + " and `._+@=,-`");
        }
    }

    /** The upload as a read-only folder whose files open in memory; no more can be added. */
    public Path sealed(Upload upload) {
        synchronized (upload) {
            upload.ended = true;
            return new SealedFolder(Map.copyOf(upload.files)).root();
        }
    }

    /** Forgets an upload and its chunks. */
    public void end(Upload upload) {
        synchronized (upload) {
            upload.ended = true;
            uploads.remove(upload.id);
        }
        empty(directory.resolve(upload.id), true);
    }

    /** Forgets uploads nobody has added to for an hour. */
    public void expire() {
        Instant now = clock.instant();
        for (Upload upload : uploads.values()) {
            if (expires(upload).isBefore(now)) {
                end(upload);
            }
        }
    }

    @Override
    public void close() {
        uploads.values().forEach(this::end);
    }

    private static void empty(Path folder, boolean itself) {
        try {
            if (!Files.isDirectory(folder)) {
                return;
            }
            Files.walkFileTree(
                    folder,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes a)
                                throws IOException {
                            Files.delete(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path dir, @org.jspecify.annotations.Nullable IOException e)
                                throws IOException {
                            if (itself || !dir.equals(folder)) {
                                Files.delete(dir);
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clear `" + folder + "`", e);
        }
    }
}
