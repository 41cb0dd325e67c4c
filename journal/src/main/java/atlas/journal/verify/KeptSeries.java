package atlas.journal.verify;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.tlog.CheckpointSeries;
import atlas.tlog.CheckpointSeries.Kept;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import atlas.tlog.TreeReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Checks the kept checkpoints: each file is signed and follows the one before, each checkpoint in
 * it is signed and is the root of a beginning of this very tree, and the last of them is the
 * published one. Any two of them are then consistent.
 *
 * <p>A crash may leave one more, not published yet: its entries are in the write-ahead log.
 */
final class KeptSeries {
    private static final String DIRECTORY = "checkpoints";

    private final Place root;
    private final CheckpointText checkpoint;
    private final NoteVerifierKey key;
    private final StoredTiles stored;
    private final List<byte[]> beyond;
    private final TreeHasher hasher = new TreeHasher();
    private Digest before = Digest.of(new byte[Digest.BYTES]);
    private long size = -1;

    /** The newest file of the series, which a writer may replace. */
    record Newest(long number, byte[] bytes) {

        /** Whether its last checkpoint is the one with these two lines. */
        boolean endsWith(String size, String root) {
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            String body = text.substring(0, Math.max(0, text.indexOf("\n\n")));
            return body.startsWith(size + " " + root + " ", body.lastIndexOf('\n') + 1);
        }
    }

    /**
     * A check.
     *
     * @param beyond leaf hashes of the entries after the checkpoint
     */
    KeptSeries(
            Place root,
            CheckpointText checkpoint,
            NoteVerifierKey key,
            StoredTiles stored,
            List<byte[]> beyond) {
        this.root = root;
        this.checkpoint = checkpoint;
        this.key = key;
        this.stored = stored;
        this.beyond = List.copyOf(beyond);
    }

    /** The newest file as it is now. */
    static Optional<Newest> newest(Place root) throws IOException {
        long number = 0;
        Optional<Newest> newest = Optional.empty();
        // One more may come while this one is read.
        while (root.has(TilePath.checkpoints(number))) {
            number++;
        }
        if (number > 0) {
            byte[] bytes = root.read(TilePath.checkpoints(number - 1));
            newest = Optional.of(new Newest(number - 1, bytes));
        }
        return newest;
    }

    void check(Optional<Newest> newest) throws IOException, BrokenException {
        if (newest.isEmpty()) {
            throw new BrokenException(
                    -1, "the kept checkpoints are missing", TilePath.checkpoints(0));
        }
        long last = newest.get().number();
        for (long number = 0; number < last; number++) {
            file(number, read(number), true);
        }
        file(last, newest.get().bytes(), false);
        if (size < checkpoint.size()) {
            throw new BrokenException(
                    -1,
                    "the kept checkpoints end at " + size + " entries, before the published one",
                    TilePath.checkpoints(last));
        }
        strays(last);
    }

    private byte[] read(long number) throws IOException, BrokenException {
        try {
            return root.read(TilePath.checkpoints(number));
        } catch (NoSuchFileException e) {
            throw new BrokenException(
                    -1, "kept checkpoints are missing", TilePath.checkpoints(number));
        }
    }

    private void file(long number, byte[] bytes, boolean full) throws IOException, BrokenException {
        String where = TilePath.checkpoints(number);
        CheckpointSeries series;
        try {
            series = CheckpointSeries.verified(bytes, key);
            if (series.number() != number
                    || !series.before().equals(before)
                    || (full && series.kept().size() != CheckpointSeries.WIDTH)) {
                throw new MalformedException("kept checkpoints were moved, left out or put in");
            }
            for (Kept kept : series.kept()) {
                String note = kept.note(series.origin());
                CheckpointText.verified(note.getBytes(StandardCharsets.UTF_8), key);
            }
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), where);
        }
        for (Kept kept : series.kept()) {
            consistent(kept, where);
        }
        before = Hashes.sha256(bytes);
    }

    private void consistent(Kept kept, String where) throws IOException, BrokenException {
        if (kept.size() <= size) {
            throw new BrokenException(-1, "kept checkpoints do not grow", where);
        }
        size = kept.size();
        long total = checkpoint.size() + beyond.size();
        if (size > total) {
            throw new BrokenException(
                    total,
                    "rolled back: a checkpoint of "
                            + size
                            + " entries is kept, "
                            + total
                            + " are here",
                    where);
        }
        if (!rootOf(size).equals(kept.root())) {
            throw new BrokenException(
                    -1, "the kept checkpoint of " + size + " entries is of another tree", where);
        }
    }

    private Digest rootOf(long entries) throws IOException, BrokenException {
        try {
            return new TreeReader<>(this::node).root(entries);
        } catch (IOException | BrokenException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] node(int level, long index) throws Exception {
        if ((index + 1) << level <= checkpoint.size()) {
            return stored.node(level, index);
        }
        return level == 0
                ? beyond.get((int) (index - checkpoint.size()))
                : hasher.node(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
    }

    private void strays(long last) throws IOException, BrokenException {
        Set<String> known = new HashSet<>();
        for (long number = 0; number <= last; number++) {
            known.add(TilePath.checkpoints(number));
        }
        Optional<String> stray =
                root.below(DIRECTORY).stream()
                        .filter(name -> !known.contains(name))
                        // A writer may have begun the next file meanwhile.
                        .filter(name -> !name.equals(TilePath.checkpoints(last + 1)))
                        .findFirst();
        if (stray.isPresent()) {
            throw new BrokenException(-1, "no file of the series of checkpoints", stray.get());
        }
    }
}
