package atlas.backup;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/**
 * A backup on a disk: under its name it is whole, and the one before it stays until then. What a
 * stopped process left half written lies beside it under a hidden name, and the next one removes
 * it.
 */
public final class BackupFile {
    private BackupFile() {}

    /** Writes one, and may look at what it wrote before it counts. */
    public interface Body<T> {
        T write(Path aside, OutputStream out) throws IOException;
    }

    /** Where a backup lies until it is whole. */
    public static Path aside(Path file) {
        return file.resolveSibling("." + file.getFileName() + ".new");
    }

    /** Puts a backup in place, mode 0600, durable when this returns; or leaves what was there. */
    public static <T> T put(Path file, Body<T> body) throws IOException {
        Path target = file.toAbsolutePath();
        Path aside = aside(target);
        Files.deleteIfExists(aside);
        try {
            T made;
            try (FileChannel channel =
                            FileChannel.open(
                                    aside,
                                    Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                                    PosixFilePermissions.asFileAttribute(
                                            PosixFilePermissions.fromString("rw-------")));
                    OutputStream out = Channels.newOutputStream(channel)) {
                made = body.write(aside, out);
                channel.force(true);
            }
            Files.move(
                    aside,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            sync(Objects.requireNonNull(target.getParent()));
            return made;
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
