package atlas.control.backup;

import atlas.backup.BackupException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of a home, read as they are at one moment each: whole, because they are put in place
 * whole, are only added to, or are small and were not being written when they were looked at twice.
 * A link is refused, lest something be missing quietly.
 */
final class HomeFiles {
    /** What the first line of every file with a key encryption key begins with. */
    private static final byte[] KEK_FILE = "atlas file kek".getBytes(StandardCharsets.US_ASCII);

    private static final int LARGEST_KEK = 8 << 10;

    /** Files up to this size may be written in place; larger ones only grow. */
    private static final int SMALL = 1 << 20;

    private static final int LOOKS = 64;
    private static final Set<OpenOption> READ =
            Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

    private final Path root;
    private final Sink sink;

    /** Where files go. */
    interface Sink {
        void file(String path, long bytes, InputStream content) throws IOException;
    }

    HomeFiles(Path root, Sink sink) {
        this.root = root;
        this.sink = sink;
    }

    /** The names at the top of the home. */
    List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(root)) {
            return all.map(path -> String.valueOf(path.getFileName())).sorted().toList();
        }
    }

    /** Everything at and below a name but what is being written, locks, and key files. */
    void below(String name) throws IOException {
        List<Path> found;
        try (Stream<Path> all = Files.walk(root.resolve(name))) {
            found = all.sorted().toList();
        }
        for (Path path : found) {
            if (Files.isSymbolicLink(path)) {
                throw new BackupException(
                        "`"
                                + path
                                + "` is a link; a backup holds files: put there what it leads to");
            }
            if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && !passing(path)) {
                file(path);
            }
        }
    }

    /** What a process leaves beside its files while it works. */
    private static boolean passing(Path path) {
        String name = String.valueOf(path.getFileName());
        return name.startsWith(".")
                || name.equals("lock")
                || name.endsWith(".lock")
                || name.endsWith(".new");
    }

    private void file(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, READ)) {
            if (!holdsKek(channel)) {
                give(path, channel);
            }
        } catch (NoSuchFileException e) {
            // Deleted since it was listed: whoever did that needs it no more.
            return;
        }
    }

    private static boolean holdsKek(FileChannel channel) throws IOException {
        if (channel.size() > LARGEST_KEK) {
            return false;
        }
        ByteBuffer beginning = ByteBuffer.allocate(KEK_FILE.length);
        while (beginning.hasRemaining() && channel.read(beginning, beginning.position()) > 0) {
            continue;
        }
        return ByteBuffer.wrap(KEK_FILE).equals(beginning.flip());
    }

    private void give(Path path, FileChannel channel) throws IOException {
        String name = root.relativize(path).toString();
        long size = channel.size();
        if (size > SMALL) {
            sink.file(name, size, Channels.newInputStream(channel));
            return;
        }
        byte[] content = settled(path, channel, (int) size);
        sink.file(name, content.length, new ByteArrayInputStream(content));
    }

    /** What two looks agree on was not being written in place. */
    private static byte[] settled(Path path, FileChannel channel, int size) throws IOException {
        byte[] before = read(channel, size);
        for (int look = 1; look < LOOKS; look++) {
            byte[] now = read(channel, size);
            if (Arrays.equals(before, now)) {
                return now;
            }
            before = now;
        }
        throw new IOException("`" + path + "` does not come to rest; try again");
    }

    private static byte[] read(FileChannel channel, int size) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(size);
        while (content.hasRemaining()) {
            if (channel.read(content, content.position()) < 0) {
                throw new EOFException("a file became shorter while it was read");
            }
        }
        return content.array();
    }

    /** One file, whatever it holds. */
    void exactly(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, READ)) {
            give(path, channel);
        }
    }
}
