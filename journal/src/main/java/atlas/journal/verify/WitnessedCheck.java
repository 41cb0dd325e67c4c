package atlas.journal.verify;

import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.TreeReader;
import atlas.tlog.WitnessPolicy;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Checks the checkpoint that witnesses cosigned: signed by the log, over a beginning of this very
 * tree, and, where a policy says who counts, cosigned by its quorum.
 */
final class WitnessedCheck {
    private static final String FILE = "witnessed";

    private final CheckpointText checkpoint;
    private final NoteVerifierKey key;
    private final StoredTiles stored;

    WitnessedCheck(CheckpointText checkpoint, NoteVerifierKey key, StoredTiles stored) {
        this.checkpoint = checkpoint;
        this.key = key;
        this.stored = stored;
    }

    /** Checks what lies in the directory; gives what a reader should know. */
    List<String> check(Optional<byte[]> note, Optional<WitnessPolicy> policy)
            throws IOException, BrokenException {
        if (note.isEmpty()) {
            if (policy.isPresent() && !policy.get().enoughWithout()) {
                throw new BrokenException(-1, "no checkpoint was cosigned by witnesses", FILE);
            }
            return List.of();
        }
        CheckpointText witnessed;
        try {
            witnessed = CheckpointText.verified(note.get(), key);
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), FILE);
        }
        if (witnessed.size() > checkpoint.size()) {
            throw new BrokenException(
                    checkpoint.size(),
                    "rolled back: witnesses cosigned "
                            + witnessed.size()
                            + " entries, the checkpoint has "
                            + checkpoint.size(),
                    FILE);
        }
        if (!rootOf(witnessed.size()).equals(witnessed.root())) {
            throw new BrokenException(-1, "witnesses cosigned another tree", FILE);
        }
        return policy.isPresent() ? quorum(note.get(), policy.get(), key, FILE) : List.of();
    }

    private atlas.core.Digest rootOf(long size) throws IOException, BrokenException {
        try {
            return new TreeReader<>(stored::node).root(size);
        } catch (IOException | BrokenException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Demands that enough witnesses cosigned a note. */
    static List<String> quorum(byte[] note, WitnessPolicy policy, NoteVerifierKey key, String where)
            throws BrokenException {
        try {
            WitnessPolicy.Standing standing = policy.judge(note, Optional.of(key));
            String who =
                    standing.witnesses().stream()
                            .map(witness -> "`" + witness.name() + "`")
                            .collect(Collectors.joining(", "));
            if (!standing.quorum()) {
                throw new BrokenException(
                        -1,
                        "too few witnesses cosigned: "
                                + (who.isEmpty() ? "none that the policy names" : who + " alone"),
                        where);
            }
            return List.of(
                    "the first "
                            + standing.checkpoint().size()
                            + " entries are witnessed by "
                            + (who.isEmpty() ? "nobody, as the policy has it" : who));
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), where);
        }
    }
}
