package atlas.journal.verify;

import atlas.tlog.CheckpointSeries;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.SignedNote;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What moves in a journal that is being written, read in the one order that fits together.
 *
 * <p>A writer signs first, publishes the checkpoint next and lets segments go last. Read the other
 * way round, from the record of what was signed over the segments to the checkpoint, nothing signed
 * can be missing from segments and checkpoint together: what a vanished segment held is under the
 * checkpoint read after it. Segments stay open, so that they can be read after they were removed.
 * Kept checkpoints are written before the checkpoint and so read after it: they reach it at least.
 * The second key is there only after a checkpoint it signed and gone before one it did not.
 */
final class Snapshot implements AutoCloseable {
    /** Looks that may find the journal being opened or closed or letting segments go. */
    private static final int LOOKS = 64;

    private final Optional<byte[]> signed;
    private final Optional<byte[]> witnessed;
    private final List<Segment> segments;
    private final Optional<String> closed;
    private final Optional<byte[]> secondKey;
    private final byte[] checkpoint;
    private final boolean sameKeys;
    private final Optional<KeptSeries.Newest> kept;
    private final Optional<byte[]> mark;
    private final boolean shared;

    /** Marks a log of several members, which has no write-ahead log; a note signed by the log. */
    static final String SHARED = "shared";

    /**
     * An open write-ahead segment.
     *
     * @param where its path, relative to the journal
     */
    record Segment(String where, FileChannel channel) {

        /** All of it as it is now. */
        byte[] read() throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
            while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
                continue;
            }
            return bytes.array();
        }
    }

    private Snapshot(Place root, List<Segment> segments) throws IOException {
        this.signed = root.signed();
        this.witnessed = root.optional("witnessed");
        if (root.directory().isPresent()) {
            open(root.directory().get().resolve("wal"), segments);
        }
        this.segments = List.copyOf(segments);
        this.closed = root.optional("closed").map(Snapshot::text);
        this.secondKey = root.optional(SecondKey.FILE);
        this.checkpoint = root.read("checkpoint");
        this.sameKeys = root.has(SecondKey.FILE) || secondKey.isEmpty();
        this.kept = KeptSeries.newest(root);
        this.mark = root.optional(SHARED);
        this.shared = mark.isPresent() && segments.isEmpty();
    }

    /** Looks until everything seen belongs to one moment, or plainly never will. */
    static Snapshot take(Place root) throws IOException {
        for (int look = 1; ; look++) {
            List<Segment> segments = new ArrayList<>();
            try {
                Snapshot taken = new Snapshot(root, segments);
                if (taken.agrees() || look == LOOKS) {
                    return taken;
                }
                taken.close();
            } catch (NoSuchFileException e) {
                close(segments);
                if (look == LOOKS || !root.has("checkpoint")) {
                    throw e;
                }
            } catch (IOException e) {
                close(segments);
                throw e;
            }
        }
    }

    /** A journal without segments is closed, at the size of its checkpoint. */
    private boolean agrees() {
        String[] lines = text(checkpoint).split("\n", 3);
        if (lines.length < 3) {
            return true;
        }
        String rootLine = lines[2].split("\n", 2)[0];
        boolean ends = kept.isPresent() && kept.get().endsWith(lines[1], rootLine);
        return ends
                && sameKeys
                && (shared || !segments.isEmpty() || closed.equals(Optional.of(lines[1] + "\n")));
    }

    private static void open(Path directory, List<Segment> into) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(file -> file.toString().endsWith(".wal")).sorted().toList();
        }
        for (Path file : files) {
            into.add(new Segment("wal/" + file.getFileName(), FileChannel.open(file)));
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    Optional<byte[]> signed() {
        return signed.map(byte[]::clone);
    }

    /** Read before the checkpoint, so never ahead of it in a log that only grows. */
    Optional<byte[]> witnessed() {
        return witnessed.map(byte[]::clone);
    }

    Optional<byte[]> secondKey() {
        return secondKey.map(byte[]::clone);
    }

    List<Segment> segments() {
        return segments;
    }

    Optional<String> closed() {
        return closed;
    }

    Optional<KeptSeries.Newest> kept() {
        return kept;
    }

    /**
     * The checkpoint to check: the one shown, but of a shared log the last one kept when whoever
     * published it was stopped before it was shown. Its tree is there: it was written before.
     */
    byte[] newest(NoteVerifierKey key) {
        if (!shared || kept.isEmpty()) {
            return checkpoint();
        }
        try {
            CheckpointSeries series = CheckpointSeries.verified(kept.get().bytes(), key);
            CheckpointSeries.Kept last = series.kept().getLast();
            long size = CheckpointText.verified(checkpoint, key).size();
            return last.size() > size
                    ? last.note(series.origin()).getBytes(StandardCharsets.UTF_8)
                    : checkpoint();
        } catch (MalformedException e) {
            // Whichever of the two is not what was signed, the check of it says so.
            return checkpoint();
        }
    }

    boolean shared() {
        return shared;
    }

    /** The mark of a shared log is one the log signed, and there when the log says it is shared. */
    void refuseOtherMark(Optional<Demands> demands, NoteVerifierKey key) throws BrokenException {
        if (demands.isPresent() && demands.get().shared() != mark.isPresent()) {
            throw new BrokenException(
                    demands.get().index(),
                    demands.get().shared()
                            ? "this entry says that the log is shared, and the mark of it is"
                                    + " missing"
                            : "the log is marked as shared, and this entry says that it is not",
                    SHARED);
        }
        if (mark.isEmpty()) {
            return;
        }
        try {
            SignedNote note = SignedNote.parse(mark.get());
            note.verify(List.of(key));
            if (!note.text().equals("atlas shared log v1\n" + key.name() + "\n")) {
                throw new MalformedException("not one of this log");
            }
        } catch (MalformedException e) {
            throw new BrokenException(-1, "the mark of a shared log: " + e.getMessage(), SHARED);
        }
    }

    byte[] checkpoint() {
        return checkpoint.clone();
    }

    private static void close(List<Segment> segments) throws IOException {
        for (Segment segment : segments) {
            segment.channel().close();
        }
    }

    @Override
    public void close() throws IOException {
        close(segments);
    }
}
