package atlas.journal;

import atlas.core.crypto.Hashes;
import atlas.journal.store.Disk;
import atlas.journal.store.Frame;
import atlas.journal.store.KeptCheckpoints;
import atlas.journal.store.TileStore;
import atlas.journal.store.WalReplay;
import atlas.journal.store.WalSequencer;
import atlas.tlog.CheckpointSeries;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds out where the log was left and brings it to order before anything is written.
 *
 * <p>The signed checkpoint is where belief begins: tiles must add up to it, the write-ahead log
 * must go on from it without a gap, and the result must contain the last tree that was ever signed
 * here. What does not fit is refused with its reason; nothing is guessed or skipped.
 */
final class Recovery {
    private final Layout layout;
    private final JournalKeys keys;
    private final Disk disk;
    private final TileStore store;
    private final KeptCheckpoints.Spacing spacing;
    private final Gaps gaps;
    private final byte[] originHash;
    private final List<String> notes = new ArrayList<>();

    Recovery(
            Layout layout,
            JournalKeys keys,
            Disk disk,
            TileStore store,
            KeptCheckpoints.Spacing spacing,
            Gaps gaps) {
        this.gaps = gaps;
        this.layout = layout;
        this.keys = keys;
        this.disk = disk;
        this.store = store;
        this.spacing = spacing;
        this.originHash = originHash(keys.origin());
    }

    /** What recovery hands over: a log in order, with everything known to be durable integrated. */
    record Recovered(
            Integrator integrator,
            Checkpoint checkpoint,
            Committer.Resume resume,
            WalSequencer.Resume walResume,
            long nextSegment,
            List<String> notes) {}

    /** How segments are tied to their log. */
    static byte[] originHash(String origin) {
        return Hashes.sha256(origin).bytes();
    }

    Recovered run() throws IOException {
        checkVerifierKey();
        Optional<CheckpointText> published = signedText(layout.checkpoint());
        Optional<CheckpointText> signed = signedText(layout.signed());
        refuseMissingSegments(published);
        KeptCheckpoints kept = kept(published);
        long size = published.map(CheckpointText::size).orElse(0L);
        Integrator integrator =
                new Integrator(
                        store,
                        keys.signer(),
                        Integrator.Edge.read(store, published),
                        (_, note) -> proclaim(kept, note),
                        gaps);
        Replayed replayed = replay(integrator);
        if (integrator.size() > size) {
            integrator.settle();
        }
        refuseRollback(signed, integrator.size());
        refuseOtherThanKept(kept, integrator.size());
        if (published.isEmpty()) {
            markEmpty();
        }
        boolean sameKeys = secondKey();
        boolean unchanged = published.isPresent() && integrator.size() == size && sameKeys;
        Checkpoint checkpoint =
                unchanged
                        ? asCheckpoint(published.get(), Files.readString(layout.checkpoint()))
                        : integrator.publish();
        keepSecondKey();
        return new Recovered(
                integrator,
                checkpoint,
                resume(integrator.size()),
                new WalSequencer.Resume(
                        replayed.outcome().nextBatch(),
                        replayed.last().map(Frame::hash).orElseGet(Frame::noPrevious),
                        integrator.size()),
                replayed.outcome().nextSegment(),
                notes);
    }

    /**
     * Whether checkpoints are signed twice as they were before. A key that is used no more goes
     * before the next checkpoint, one that is new comes after it: whoever finds it may demand it.
     */
    private boolean secondKey() throws IOException {
        boolean before = Files.exists(layout.secondVerifierKey());
        boolean now = keys.secondVkey().isPresent();
        if (before && !now) {
            disk.delete(layout.secondVerifierKey());
            disk.syncDirectory(layout.root());
        }
        return before == now;
    }

    private void keepSecondKey() throws IOException {
        if (keys.secondVkey().isPresent() && !Files.exists(layout.secondVerifierKey())) {
            String text = keys.secondVkey().get() + "\n";
            disk.replace(layout.secondVerifierKey(), text.getBytes(StandardCharsets.UTF_8));
            disk.syncDirectory(layout.root());
        }
    }

    /** A first start cut short has a checkpoint and no segment yet: it reads as closed, not cut. */
    private void markEmpty() throws IOException {
        if (WalReplay.segments(layout.wal()).isEmpty()) {
            disk.replace(layout.closed(), "0\n".getBytes(StandardCharsets.UTF_8));
            disk.syncDirectory(layout.root());
        }
    }

    /**
     * Kept beside the directory before it is shown in it: what is shown was signed. In the series
     * before it is shown, too: a checkpoint that the series does not reach was put there.
     */
    private void proclaim(KeptCheckpoints kept, byte[] note) throws IOException {
        disk.replace(layout.signed(), note);
        disk.syncDirectory(Objects.requireNonNull(layout.signed().getParent()));
        kept.add(new String(note, StandardCharsets.UTF_8));
        disk.replace(layout.checkpoint(), note);
        disk.syncDirectory(layout.root());
    }

    private void checkVerifierKey() throws IOException {
        String expected = keys.vkey() + "\n";
        if (!Files.exists(layout.verifierKey())) {
            if (Files.exists(layout.checkpoint())) {
                throw new JournalException(
                        "`verifier.vkey` is missing from a journal that has a checkpoint");
            }
            disk.replace(layout.verifierKey(), expected.getBytes(StandardCharsets.UTF_8));
            disk.syncDirectory(layout.root());
        } else if (!Files.readString(layout.verifierKey()).equals(expected)) {
            throw new JournalException(
                    "this journal belongs to another key than `"
                            + keys.vkey()
                            + "`; open it with the key named in `verifier.vkey`");
        }
    }

    private Optional<CheckpointText> signedText(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    CheckpointText.verified(Files.readAllBytes(file), keys.signer().verifierKey()));
        } catch (MalformedException e) {
            throw new JournalException(
                    "`" + file.getFileName() + "` is not what this log signed: " + e.getMessage());
        }
    }

    private KeptCheckpoints kept(Optional<CheckpointText> published) throws IOException {
        KeptCheckpoints kept;
        try {
            kept = KeptCheckpoints.open(disk, layout.root(), keys.signer(), spacing);
        } catch (MalformedException e) {
            throw new JournalException(
                    "the kept checkpoints in `checkpoints` are not those this log signed: "
                            + e.getMessage());
        }
        long last = kept.last().map(CheckpointSeries.Kept::size).orElse(-1L);
        if (published.isPresent() && last < published.get().size()) {
            throw new JournalException(
                    "the kept checkpoints in `checkpoints` do not reach the published one; restore"
                            + " the newer ones");
        }
        return kept;
    }

    private void refuseOtherThanKept(KeptCheckpoints kept, long size) throws IOException {
        if (kept.last().isEmpty()) {
            return;
        }
        CheckpointSeries.Kept last = kept.last().get();
        if (last.size() > size) {
            throw new JournalException(
                    "this journal was rolled back: it has "
                            + size
                            + " entries, but a checkpoint of "
                            + last.size()
                            + " is kept; restore the newer copy");
        }
        if (!new TileRoots(store).root(last.size(), size).equals(last.root())) {
            throw new JournalException(
                    "the first " + last.size() + " entries are not those of the kept checkpoint");
        }
    }

    private void refuseMissingSegments(Optional<CheckpointText> published) throws IOException {
        boolean inUse = !WalReplay.segments(layout.wal()).isEmpty();
        if (published.isEmpty() || inUse) {
            return;
        }
        String size = published.get().size() + "\n";
        if (!Files.exists(layout.closed()) || !Files.readString(layout.closed()).equals(size)) {
            throw new JournalException(
                    "the write-ahead log in `wal` is missing though the journal was not closed at "
                            + published.get().size()
                            + " entries; entries recorded after that checkpoint may be lost");
        }
    }

    private record Replayed(WalReplay.Outcome outcome, Optional<Frame> last) {}

    private Replayed replay(Integrator integrator) throws IOException {
        List<Frame> last = new ArrayList<>();
        long before = integrator.size();
        WalReplay.Outcome outcome;
        try {
            outcome =
                    WalReplay.run(
                            layout.wal(),
                            originHash,
                            frame -> {
                                take(frame, integrator);
                                last.clear();
                                last.add(frame);
                            });
        } catch (WalReplay.DamagedException e) {
            throw new JournalException("refusing to start: " + e.getMessage(), e);
        }
        outcome.torn().ifPresent(notes::add);
        if (integrator.size() > before) {
            notes.add(
                    "entries "
                            + before
                            + " to "
                            + (integrator.size() - 1)
                            + " were brought in from the write-ahead log");
        }
        return new Replayed(outcome, last.stream().findFirst());
    }

    private static void take(Frame frame, Integrator integrator) {
        if (frame.firstIndex() > integrator.size()) {
            throw new JournalException(
                    "entries "
                            + integrator.size()
                            + " to "
                            + (frame.firstIndex() - 1)
                            + " are missing between the checkpoint and the write-ahead log");
        }
        try {
            integrator.add(frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void refuseRollback(Optional<CheckpointText> signed, long size) throws IOException {
        if (signed.isEmpty()) {
            if (size > 0) {
                throw new JournalException(
                        "`"
                                + layout.signed().getFileName()
                                + "`, the record of what was signed, is missing beside the"
                                + " journal");
            }
            return;
        }
        if (signed.get().size() > size) {
            throw new JournalException(
                    "this journal was rolled back: it has "
                            + size
                            + " entries, but "
                            + signed.get().size()
                            + " were signed; restore the newer copy, or remove `"
                            + layout.signed().getFileName()
                            + "` to accept the loss");
        }
        TileRoots roots = new TileRoots(store);
        if (!roots.root(signed.get().size(), size).equals(signed.get().root())) {
            throw new JournalException(
                    "the first "
                            + signed.get().size()
                            + " entries are not those this log has signed");
        }
    }

    private Committer.Resume resume(long size) throws IOException {
        if (size == 0) {
            return Committer.Resume.fresh(Standing.ALONE);
        }
        byte[] entry =
                store.readBundle((size - 1) / TilePath.WIDTH, size)
                        .get((int) ((size - 1) % TilePath.WIDTH));
        try {
            Envelope last = Envelope.decode(entry);
            byte[] previous = new TreeHasher().leaf(entry);
            return new Committer.Resume(last.emitter(), last.sequence() + 1, previous);
        } catch (MalformedException e) {
            throw new JournalException("entry " + (size - 1) + ": " + e.getMessage(), e);
        }
    }

    private static Checkpoint asCheckpoint(CheckpointText text, String note) {
        return new Checkpoint(text.origin(), text.size(), text.root(), note);
    }

    /** Removes what an interrupted write left aside. */
    static void clearScratch(Layout layout, Disk disk) throws IOException {
        try (var files = Files.list(layout.scratch())) {
            for (Path file : files.toList()) {
                disk.delete(Objects.requireNonNull(file));
            }
        }
    }
}
