package atlas.journal;

import atlas.core.Digest;
import atlas.journal.store.Disk;
import atlas.journal.store.SharedShelf;
import atlas.journal.store.TileStore;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Objects;

/**
 * Looks at the shared log's checkpoint and believes only what the log's key signed and what
 * contains the tree seen last. The last one seen is kept beside the journal's own directory: every
 * member of a shared log notices a fork or a rollback, whoever made it.
 */
final class Sighting {
    static final String CHECKPOINT = "checkpoint";

    private final Layout layout;
    private final Disk disk;
    private final SharedShelf shelf;
    private final JournalKeys keys;
    private final TileStore store;

    Sighting(Layout layout, Disk disk, SharedShelf shelf, JournalKeys keys, TileStore store) {
        this.layout = layout;
        this.disk = disk;
        this.shelf = shelf;
        this.keys = keys;
        this.store = store;
    }

    /** The checkpoint there is now, compared with the one seen last before a restart. */
    Checkpoint first() throws IOException {
        Checkpoint now = read();
        if (Files.exists(layout.signed())) {
            expect(checkpoint(Files.readAllBytes(layout.signed())), now);
        }
        keep(now);
        return now;
    }

    /**
     * The checkpoint there is now.
     *
     * @throws JournalException when it does not contain the tree of {@code before}
     */
    Checkpoint after(Checkpoint before) throws IOException {
        Checkpoint now = read();
        if (now.note().equals(before.note())) {
            return before;
        }
        expect(before, now);
        return now;
    }

    private void expect(Checkpoint before, Checkpoint now) throws IOException {
        if (now.size() < before.size()) {
            throw new JournalException(
                    "the shared log was rolled back: it has "
                            + now.size()
                            + " entries, but "
                            + before.size()
                            + " were signed; restore the newer copy, or remove `"
                            + layout.signed().getFileName()
                            + "` to accept the loss");
        }
        Digest root = new TileRoots(store).root(before.size(), now.size());
        if (!root.equals(before.root())) {
            throw new JournalException(
                    "the shared log has forked: its first "
                            + before.size()
                            + " entries are not those that were signed before");
        }
    }

    /** Remembers a checkpoint over restarts. */
    void keep(Checkpoint seen) throws IOException {
        disk.replace(layout.signed(), seen.note().getBytes(StandardCharsets.UTF_8));
        disk.syncDirectory(Objects.requireNonNull(layout.signed().getParent()));
    }

    private Checkpoint read() throws IOException {
        return checkpoint(shelf.read(CHECKPOINT));
    }

    private Checkpoint checkpoint(byte[] note) {
        try {
            CheckpointText text = CheckpointText.verified(note, keys.verifierKey());
            return new Checkpoint(
                    text.origin(),
                    text.size(),
                    text.root(),
                    new String(note, StandardCharsets.UTF_8));
        } catch (MalformedException e) {
            throw new JournalException(
                    "the shared log's checkpoint is not what its key signed: " + e.getMessage(), e);
        }
    }
}
