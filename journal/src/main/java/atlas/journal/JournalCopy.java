package atlas.journal;

import atlas.journal.verify.BrokenException;
import atlas.journal.verify.LogCopy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A copy of a journal that is being written: the directory as it was at one checkpoint and the keys
 * of its entries, ready to be opened elsewhere.
 *
 * <p>Everything that was durable when it was taken is in it; what came after is not. The keys are
 * read after the log, so that none of them is missing. What is not needed to open it is left out:
 * the write-ahead log and the search index, which is made anew. Blocks on disk.
 */
public final class JournalCopy {
    private static final int LOOKS = 64;

    /** What the first line of a note of ours may be; a log's own begin with its name. */
    private static final Pattern KIND = Pattern.compile("atlas-[a-z]+/v[0-9]+");

    private final Layout layout;
    private final JournalKeys keys;
    private final LogCopy log;
    private final Checkpoint checkpoint;

    /** Takes the files of a copy, by their paths beside and below the journal's directory. */
    public interface Sink {
        void file(String path, long bytes, InputStream content) throws IOException;
    }

    private JournalCopy(Layout layout, JournalKeys keys, LogCopy log, Checkpoint checkpoint) {
        this.layout = layout;
        this.keys = keys;
        this.log = log;
        this.checkpoint = checkpoint;
    }

    static JournalCopy take(Path directory, JournalKeys keys) {
        Layout layout = new Layout(directory);
        if (Files.exists(layout.root().resolve("shared"))) {
            throw new JournalException(
                    "the log of this home is shared with others and lies in a database and a store;"
                            + " back those up with their own tools");
        }
        try {
            LogCopy log = LogCopy.take(layout.root(), keys.verifierKey());
            Checkpoint checkpoint =
                    new Checkpoint(
                            log.checkpoint().origin(),
                            log.checkpoint().size(),
                            log.checkpoint().root(),
                            new String(log.note(), java.nio.charset.StandardCharsets.UTF_8));
            return new JournalCopy(layout, keys, log, checkpoint);
        } catch (IOException e) {
            throw new JournalException("the journal cannot be copied: " + e.getMessage(), e);
        } catch (BrokenException e) {
            throw new JournalException("the journal cannot be copied: " + e.what(), e);
        }
    }

    /** Where it ends. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** The verifier key of the log, in C2SP text form. */
    public String vkey() {
        return keys.vkey();
    }

    /**
     * The signed note about the copy: a kind, the log's name and these lines. What the log itself
     * signs begins with another line, so this is never taken for that.
     *
     * @throws JournalException when the log's key is kept elsewhere
     */
    public String sign(String kind, List<String> lines) {
        boolean plain = lines.stream().noneMatch(line -> line.isEmpty() || line.contains("\n"));
        if (!KIND.matcher(kind).matches()
                || kind.equals(ReceiptNote.FIRST)
                || kind.equals(keys.origin())
                || !plain) {
            throw new IllegalArgumentException("no kind of note, or a line that is none");
        }
        return keys.signer()
                .sign(kind + "\n" + keys.origin() + "\n" + String.join("\n", lines) + "\n");
    }

    /** Gives every file of it. */
    public void writeTo(Sink sink) throws IOException {
        String name = layout.root().getFileName() + "/";
        log.writeTo((path, bytes, content) -> sink.file(name + path, bytes, content));
        byte[] note = log.note();
        sink.file(
                String.valueOf(layout.signed().getFileName()),
                note.length,
                new ByteArrayInputStream(note));
        subjectKeys(sink);
    }

    private void subjectKeys(Sink sink) throws IOException {
        Path folder = layout.keys();
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            String path = folder.getFileName() + "/" + folder.relativize(file);
            byte[] bytes;
            try {
                bytes = settled(file);
            } catch (NoSuchFileException e) {
                // Written aside and in its place by now, which is read under its own name.
                continue;
            }
            sink.file(path, bytes.length, new ByteArrayInputStream(bytes));
        }
    }

    /** Slots are written in place: what two looks agree on was not being written. */
    private static byte[] settled(Path file) throws IOException {
        byte[] before = Files.readAllBytes(file);
        for (int look = 1; look < LOOKS; look++) {
            byte[] now = Files.readAllBytes(file);
            if (Arrays.equals(before, now)) {
                return now;
            }
            before = now;
        }
        throw new IOException("`" + file + "` does not come to rest; try again");
    }
}
