package atlas.journal;

import atlas.journal.store.Disk;
import atlas.journal.store.TileStore;
import atlas.journal.verify.BrokenException;
import atlas.journal.verify.DirectoryVerifier;
import atlas.journal.verify.Place;
import atlas.journal.verify.Trust;
import atlas.tlog.CheckpointText;
import atlas.tlog.WitnessPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Checks a journal directory, or a copy of one, offline and without any secret.
 *
 * <p>Everything is recomputed from the entries: each entry against its tile, each tile against the
 * one above, the root against the signed checkpoint, each emitter's numbers and links, each payload
 * kept apart, and the write-ahead log beyond the checkpoint. One altered byte in any file is found.
 * What it cannot see without a witness policy: a whole older directory, or one signed anew by
 * whoever has the log's key.
 *
 * <p>Reads files only, a few bundles at a time; safe to run on a journal that is being written:
 * what it says then holds for a moment during the check. Blocks on I/O. Never throws on hostile
 * content.
 */
public final class JournalVerifier {
    private JournalVerifier() {}

    /**
     * Checks a directory.
     *
     * @param vkey the verifier key to believe; without one the directory's own {@code
     *     verifier.vkey} is, which shows only that the directory agrees with itself
     */
    public static Verification verify(Path directory, Optional<String> vkey) {
        return verify(directory, vkey, Runtime.getRuntime().availableProcessors());
    }

    /** The same with so many threads; one beside those that do other work. */
    public static Verification verify(Path directory, Optional<String> vkey, int workers) {
        return verify(directory, vkey, Optional.empty(), workers);
    }

    /**
     * Checks a directory, and that enough witnesses saw its tree.
     *
     * @param policy who counts, and how many are enough; their cosignatures are not looked at
     *     without one
     */
    public static Verification verify(
            Path directory, Optional<String> vkey, Optional<WitnessPolicy> policy, int workers) {
        return verify(directory, vkey, Optional.empty(), policy, workers);
    }

    /**
     * The same, and that its checkpoint is signed with ML-DSA-44 as well.
     *
     * @param secondVkey the key to demand that of; without one the directory's own is, and what the
     *     log demands of itself
     */
    public static Verification verify(
            Path directory,
            Optional<String> vkey,
            Optional<String> secondVkey,
            Optional<WitnessPolicy> policy,
            int workers) {
        Trust trust = new Trust(vkey, secondVkey, policy);
        return outcome(
                directory,
                () -> DirectoryVerifier.journal(Place.folder(directory), trust, workers));
    }

    /**
     * Checks a C2SP tlog-tiles directory that Atlas did not write, and of which the entries may be
     * missing.
     *
     * @param vkey the verifier key of the log, or of a witness that cosigned it
     */
    public static Verification verifyAnyLog(Path directory, String vkey) {
        return outcome(directory, () -> DirectoryVerifier.anyLog(Place.folder(directory), vkey));
    }

    /** The same, and that enough witnesses cosigned its checkpoint. */
    public static Verification verifyAnyLog(
            Path directory, String vkey, Optional<WitnessPolicy> policy) {
        return outcome(
                directory, () -> DirectoryVerifier.anyLog(Place.folder(directory), vkey, policy));
    }

    /** Checks the log of an open journal, wherever it lies, by the keys it is known by. */
    static Verification verify(Journal journal, Place place, JournalKeys keys, int workers) {
        Trust trust = new Trust(Optional.of(keys.vkey()), keys.secondVkey(), Optional.empty());
        return outcome(journal.directory(), () -> DirectoryVerifier.journal(place, trust, workers));
    }

    /**
     * Whether an earlier checkpoint is of a beginning of the tree in a directory that was checked.
     *
     * @param size of the tree in the directory
     */
    public static boolean begins(Path directory, CheckpointText earlier, long size) {
        try {
            TileStore store = new TileStore(Disk.real(directory), directory);
            return earlier.size() <= size
                    && new TileRoots(store).root(earlier.size(), size).equals(earlier.root());
        } catch (IOException e) {
            throw new UncheckedIOException("`" + directory + "` could not be read", e);
        }
    }

    private interface Check {
        DirectoryVerifier.Outcome run() throws IOException, BrokenException;
    }

    private static Verification outcome(Path directory, Check check) {
        try {
            DirectoryVerifier.Outcome outcome = check.run();
            CheckpointText checkpoint = outcome.checkpoint();
            return new Verification.Holds(
                    checkpoint.size(), checkpoint.origin(), checkpoint.root(), outcome.notes());
        } catch (BrokenException e) {
            return new Verification.Broken(e.index(), e.what(), e.where());
        } catch (IOException | UncheckedIOException e) {
            return new Verification.Unreadable("`" + directory + "` could not be read: " + e);
        }
    }
}
