package atlas.journal.verify;

import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.TilePath;
import atlas.tlog.WitnessPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One check of one directory, in the order in which belief is built: key, checkpoint, entries
 * against tiles, tiles against the signed root, then what lies beside the tree.
 */
public final class DirectoryVerifier {
    private final Place root;
    private final boolean atlasEntries;
    private final List<String> notes = new ArrayList<>();
    private final EmitterChains emitters = new EmitterChains();
    private final Surroundings surroundings;
    private final int workers;
    private long left;
    private Optional<Demands> demands = Optional.empty();

    /** What a directory that holds amounts to. */
    public record Outcome(CheckpointText checkpoint, List<String> notes) {
        public Outcome {
            notes = List.copyOf(notes);
        }
    }

    private DirectoryVerifier(Place root, boolean atlasEntries, int workers) {
        this.root = root;
        this.atlasEntries = atlasEntries;
        this.workers = workers;
        this.surroundings = new Surroundings(root, notes);
    }

    /** Checks a journal of Atlas, with so many threads. */
    public static Outcome journal(Place root, Trust trust, int workers)
            throws IOException, BrokenException {
        return new DirectoryVerifier(root, true, workers).run(trust);
    }

    /** Checks any C2SP tlog-tiles directory; entries are taken as they are. */
    public static Outcome anyLog(Place root, String vkey) throws IOException, BrokenException {
        return anyLog(root, vkey, Optional.empty());
    }

    /** The same, and that enough witnesses cosigned its checkpoint. */
    public static Outcome anyLog(Place root, String vkey, Optional<WitnessPolicy> policy)
            throws IOException, BrokenException {
        return new DirectoryVerifier(root, false, 1)
                .run(new Trust(Optional.of(vkey), Optional.empty(), policy));
    }

    private Outcome foreign(NoteVerifierKey key, Optional<WitnessPolicy> policy)
            throws IOException, BrokenException {
        byte[] note = root.read("checkpoint");
        CheckpointText checkpoint = foreignCheckpoint(note, key);
        boolean entries = !root.names("tile/entries").isEmpty();
        tree(checkpoint, entries ? Retained.everything() : Retained.treeAlone());
        if (policy.isPresent()) {
            notes.addAll(WitnessedCheck.quorum(note, policy.get(), key, "checkpoint"));
        }
        return new Outcome(checkpoint, notes);
    }

    private Outcome run(Trust trust) throws IOException, BrokenException {
        NoteVerifierKey key = key(trust.vkey());
        if (!atlasEntries) {
            return foreign(key, trust.policy());
        }
        try (Snapshot snapshot = Snapshot.take(root)) {
            CheckpointText checkpoint = checkpoint(snapshot.newest(key), key);
            StoredTiles stored = tree(checkpoint, Retained.read(root, key));
            snapshot.refuseOtherMark(demands, key);
            Optional<SecondKey> second = SecondKey.of(snapshot, key, trust.secondVkey(), demands);
            if (second.isPresent()) {
                notes.add(second.get().check(snapshot.checkpoint(), checkpoint, stored));
            } else {
                SecondKey.unasked(snapshot.checkpoint()).ifPresent(notes::add);
            }
            WalCheck.Tail tail =
                    new WalReading(snapshot.segments(), checkpoint, stored, emitters).run();
            for (WalCheck.Blob blob : tail.blobs()) {
                surroundings.blob(blob.index(), blob.reference());
            }
            notes.addAll(tail.notes());
            new KeptSeries(root, checkpoint, key, stored, tail.leaves()).check(snapshot.kept());
            notes.addAll(
                    new WitnessedCheck(checkpoint, key, stored)
                            .check(snapshot.witnessed(), trust.policy()));
            surroundings.check(checkpoint, tail.total(), snapshot, key);
            return new Outcome(checkpoint, notes);
        }
    }

    /** Checks the entries and the tree over them. */
    private StoredTiles tree(CheckpointText checkpoint, Retained retained)
            throws IOException, BrokenException {
        StoredTiles stored = new StoredTiles(root, checkpoint.size());
        retained.check(checkpoint, stored);
        emitters.startAt(retained);
        ComputedTree tree = new ComputedTree(stored);
        BundleCheck check = new BundleCheck(root, atlasEntries, checkpoint, stored, retained);
        long bundles = (checkpoint.size() + TilePath.WIDTH - 1) / TilePath.WIDTH;
        InOrder.run(
                bundles,
                workers,
                check::run,
                (number, bundle) -> {
                    tree.addBundle(bundle.tile(), bundle.above());
                    for (EmitterChains.Run run : bundle.found().runs()) {
                        emitters.follow(run);
                    }
                    bundle.found().payloads().forEach(surroundings::referenced);
                    bundle.found().demands().forEach(said -> demands = Optional.of(said));
                    left += number < retained.bundles() && !bundle.pruned() ? 1 : 0;
                });
        if (!tree.finish().equals(checkpoint.root())) {
            throw new BrokenException(
                    -1, "the entries do not add up to the signed root", "checkpoint");
        }
        retained.note(left).ifPresent(notes::add);
        return stored;
    }

    private NoteVerifierKey key(Optional<String> given) throws IOException, BrokenException {
        String file = "verifier.vkey";
        if (atlasEntries && given.isPresent() && !root.has(file) && root.has("checkpoint")) {
            throw new BrokenException(-1, "the verifier key is missing", "verifier.vkey");
        }
        if (given.isEmpty() || atlasEntries) {
            String text = new String(root.read(file), StandardCharsets.ISO_8859_1);
            if (given.isPresent() && !text.equals(given.get() + "\n")) {
                throw new BrokenException(-1, "not the verifier key given", "verifier.vkey");
            }
            if (!text.endsWith("\n")) {
                throw new BrokenException(-1, "the verifier key was altered", "verifier.vkey");
            }
            return parse(text.substring(0, text.length() - 1));
        }
        return parse(given.get());
    }

    private static NoteVerifierKey parse(String vkey) throws BrokenException {
        try {
            return NoteVerifierKey.parse(vkey);
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), "verifier.vkey");
        }
    }

    /** The key may be a witness's, so that the origin is not its name. */
    private static CheckpointText foreignCheckpoint(byte[] note, NoteVerifierKey key)
            throws BrokenException {
        try {
            return CheckpointText.signed(note, key);
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), "checkpoint");
        }
    }

    private static CheckpointText checkpoint(byte[] note, NoteVerifierKey key)
            throws BrokenException {
        try {
            return CheckpointText.verified(note, key);
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), "checkpoint");
        }
    }
}
