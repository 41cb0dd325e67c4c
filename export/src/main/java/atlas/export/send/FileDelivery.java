package atlas.export.send;

import atlas.export.format.ExportLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Adds lines to a file that only its owner may read, and forces them to the disk. Opened anew for
 * every batch, so that it may be moved away and is made again. A line that a crash cut short is
 * taken off before the next batch, which has it whole; what others wrote is never taken off, and a
 * line of theirs without an end gets one.
 */
final class FileDelivery implements Delivery {
    private static final int STEP = 1 << 16;

    private final Path path;

    FileDelivery(Path path) {
        this.path = path;
    }

    @Override
    public void deliver(List<ExportLine> lines) throws IOException {
        boolean fresh = !Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        try (FileChannel file =
                FileChannel.open(
                        path,
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                LinkOption.NOFOLLOW_LINKS),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")))) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            long end = wholeLines(file);
            if (begun(file, end, lines)) {
                file.truncate(end);
            } else if (end < file.size()) {
                end = file.size();
                text.write('\n');
            }
            for (ExportLine line : lines) {
                text.writeBytes(line.text());
                text.write('\n');
            }
            ByteBuffer bytes = ByteBuffer.wrap(text.toByteArray());
            while (bytes.hasRemaining()) {
                end += file.write(bytes, end);
            }
            file.force(true);
        }
        if (fresh) {
            try (FileChannel folder =
                    FileChannel.open(
                            path.resolveSibling("").normalize(), StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }

    /** Whether what follows the last whole line is how one of these lines begins. */
    private static boolean begun(FileChannel file, long end, List<ExportLine> lines)
            throws IOException {
        long rest = file.size() - end;
        long longest = lines.stream().mapToLong(line -> line.text().length).max().orElse(0);
        if (rest == 0 || rest > longest) {
            return false;
        }
        byte[] begun = read(file, end, (int) rest).array();
        return lines.stream()
                .map(ExportLine::text)
                .anyMatch(text ->
                        text.length >= begun.length
                                && Arrays.equals(text, 0, begun.length, begun, 0, begun.length));
    }

    private static ByteBuffer read(FileChannel file, long from, int length) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(length);
        while (piece.hasRemaining()) {
            if (file.read(piece, from + piece.position()) < 0) {
                throw new IOException("the file became shorter while it was read");
            }
        }
        return piece;
    }

    /** Where the last whole line of the file ends. */
    private static long wholeLines(FileChannel file) throws IOException {
        long end = file.size();
        while (end > 0) {
            int length = (int) Math.min(STEP, end);
            ByteBuffer piece = read(file, end - length, length);
            for (int i = length - 1; i >= 0; i--) {
                if (piece.get(i) == '\n') {
                    return end - length + i + 1;
                }
            }
            end -= length;
        }
        return 0;
    }

    @Override
    public void close() {
        // Nothing stays open between batches.
    }
}
