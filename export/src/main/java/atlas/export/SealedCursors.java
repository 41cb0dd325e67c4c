package atlas.export;

import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Cursors in files, one for each exporter, sealed to its name and the log: nobody who can write the
 * folder can make an exporter pass entries over.
 */
public final class SealedCursors implements Cursors {
    private final Path folder;
    private final Sealer sealer;
    private final String origin;

    /**
     * Cursors in a folder that is there.
     *
     * @param origin the log they are places in
     */
    public SealedCursors(Path folder, Sealer sealer, String origin) {
        this.folder = folder;
        this.sealer = sealer;
        this.origin = origin;
    }

    @Override
    public synchronized OptionalLong load(String exporter) {
        Path file = file(exporter);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return OptionalLong.empty();
        }
        try {
            byte[] plain = sealer.open(Files.readAllBytes(file), bound(exporter));
            return OptionalLong.of(ByteBuffer.wrap(plain).getLong());
        } catch (IOException | SealBrokenException e) {
            throw new ExportException(
                    "the cursor `"
                            + file
                            + "` cannot be read or is not this exporter's; delete it to export"
                            + " everything again",
                    e);
        }
    }

    @Override
    public synchronized void save(String exporter, long next) {
        byte[] plain = ByteBuffer.allocate(Long.BYTES).putLong(next).array();
        Path file = file(exporter);
        Path aside = folder.resolve("." + file.getFileName() + ".new");
        try {
            Files.deleteIfExists(aside);
            try (FileChannel out =
                    FileChannel.open(
                            aside,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer bytes = ByteBuffer.wrap(sealer.seal(plain, bound(exporter)));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new ExportException("the cursor `" + file + "` cannot be written", e);
        }
    }

    private Path file(String exporter) {
        return folder.resolve(exporter + ".cursor");
    }

    private byte[] bound(String exporter) {
        return ("atlas export cursor/v1\n" + origin + "\n" + exporter)
                .getBytes(StandardCharsets.UTF_8);
    }
}
