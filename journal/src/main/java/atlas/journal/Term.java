package atlas.journal;

import atlas.journal.postgres.Batch;
import atlas.journal.postgres.LostException;
import atlas.journal.postgres.Office;
import atlas.journal.store.KeptCheckpoints;
import atlas.journal.store.SharedShelf;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * One term as the integrator of a shared log, from taking office to the first thing that goes wrong
 * in it. What a term leaves behind, in whatever step it ends, the next one finds and does over with
 * the same result: tiles and bundles follow from the order alone, the database decides whose
 * checkpoint counts, and only then the store shows it. Belongs to one thread.
 */
final class Term implements AutoCloseable {
    private final Office office;
    private final SharedShelf shelf;
    private final Integrator integrator;
    private final KeptCheckpoints kept;
    private final TreeHasher hasher = new TreeHasher();
    private byte[] shown;

    private Term(Office office, SharedGround ground, CheckpointText published, byte[] shown)
            throws IOException {
        this.office = office;
        this.shelf = ground.shelf();
        this.shown = shown;
        this.kept = kept(ground);
        this.integrator =
                new Integrator(
                        ground.store(),
                        ground.members().keys().signer(),
                        Integrator.Edge.read(ground.store(), Optional.of(published)),
                        this::proclaim,
                        ground.standing().gaps);
    }

    /** Takes office when it is vacant, and finishes what the last term left half done. */
    static Optional<Term> begin(SharedGround ground, String holder)
            throws SQLException, IOException {
        Optional<Office> taken = Office.take(ground.sessions(), holder);
        if (taken.isEmpty()) {
            return Optional.empty();
        }
        Office office = taken.get();
        boolean begun = false;
        try {
            Term term = begin(ground, office);
            begun = true;
            return Optional.of(term);
        } finally {
            if (!begun) {
                office.close();
            }
        }
    }

    private static Term begin(SharedGround ground, Office office) throws SQLException, IOException {
        byte[] shown = shown(ground.shelf());
        CheckpointText store = verified(ground, shown);
        Optional<Office.Published> last = office.lastPublished();
        if (last.isPresent() && !office.holds(last.get())) {
            throw new LostException("the database has lost entries before " + last.get().size());
        }
        long size = last.map(Office.Published::size).orElse(0L);
        if (store.size() > size) {
            throw new LostException(
                    "the database was put back: it knows of "
                            + size
                            + " entries signed, the store of "
                            + store.size());
        }
        if (store.size() == size) {
            Term term = new Term(office, ground, store, shown);
            if (term.kept.last().isEmpty()) {
                term.show(shown);
            }
            return term;
        }
        // The last term ended between the database's word and the store's.
        byte[] note = last.orElseThrow().note().getBytes(StandardCharsets.UTF_8);
        Term term = new Term(office, ground, verified(ground, note), shown);
        term.show(note);
        return term;
    }

    private static byte[] shown(SharedShelf shelf) throws IOException {
        try {
            return shelf.read(Sighting.CHECKPOINT);
        } catch (NoSuchFileException e) {
            throw new JournalException("the shared log's checkpoint is gone from the store", e);
        }
    }

    private static KeptCheckpoints kept(SharedGround ground) throws IOException {
        try {
            return KeptCheckpoints.open(
                    new ShelfPages(ground.shelf()),
                    ground.members().keys().signer(),
                    KeptCheckpoints.Spacing.standard());
        } catch (MalformedException e) {
            throw new JournalException(
                    "the kept checkpoints are not what the log's key signed: " + e.getMessage(), e);
        }
    }

    /** The series as it lies in the store, where another may have gone on with it. */
    private record ShelfPages(SharedShelf shelf) implements KeptCheckpoints.Pages {
        @Override
        public boolean has(String name) throws IOException {
            try {
                return shelf.read(name).length > 0;
            } catch (NoSuchFileException e) {
                return false;
            }
        }

        @Override
        public byte[] read(String name) throws IOException {
            return shelf.read(name);
        }

        @Override
        public void write(String name, byte[] before, byte[] content) throws IOException {
            if (!shelf.swap(name, before, content)) {
                throw new IOException("another integrator has kept a checkpoint meanwhile");
            }
        }
    }

    private static CheckpointText verified(SharedGround ground, byte[] note) {
        try {
            return CheckpointText.verified(note, ground.members().keys().verifierKey());
        } catch (MalformedException e) {
            throw new JournalException(
                    "the shared log's checkpoint is not what its key signed: " + e.getMessage(), e);
        }
    }

    /** Entries under the last checkpoint. */
    long size() {
        return integrator.size();
    }

    /** Brings every batch there is under a checkpoint; true when there was any. */
    boolean integrate() throws SQLException, IOException {
        long before = integrator.size();
        List<Batch> batches = office.read();
        while (!batches.isEmpty()) {
            for (Batch batch : batches) {
                for (byte[] entry : batch.split()) {
                    integrator.add(entry, hasher.leaf(entry));
                }
            }
            batches = office.read();
        }
        if (integrator.size() == before) {
            return false;
        }
        integrator.publish();
        return true;
    }

    private void proclaim(long size, byte[] note) throws IOException {
        try {
            office.publish(size, new String(note, StandardCharsets.UTF_8));
        } catch (SQLException e) {
            throw new IOException("the checkpoint could not be entered: " + e.getMessage(), e);
        }
        show(note);
    }

    // In the series before it is shown: a checkpoint that the series does not reach was put there.
    private void show(byte[] note) throws IOException {
        kept.add(new String(note, StandardCharsets.UTF_8));
        if (!shelf.swap(Sighting.CHECKPOINT, shown, note)) {
            throw new IOException("another integrator has shown a checkpoint meanwhile");
        }
        shown = note;
    }

    @Override
    public void close() throws SQLException {
        office.close();
    }
}
