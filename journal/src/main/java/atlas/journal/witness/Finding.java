package atlas.journal.witness;

import atlas.tlog.CheckpointText;
import java.util.List;

/** What came of asking one witness. */
sealed interface Finding {

    /** It cosigned. */
    record Cosigned(List<String> lines) implements Finding {}

    /** No cosignature this time: not reached, too slow, or it does not know the log. */
    record Absent(String why) implements Finding {}

    /** It answers what no witness may answer, and cannot show that the log is to blame. */
    record Misbehaves(String why) implements Finding {}

    /**
     * It has a checkpoint that this log's key signed and that this log does not have: proof, by
     * itself, that the log was rolled back, forked or copied.
     *
     * @param note the signed note
     */
    record Contradicts(Kind kind, CheckpointText seen, byte[] note) implements Finding {}

    /** In which way. */
    enum Kind {
        /** More entries were signed than are here. */
        ROLLED_BACK,
        /** Other entries were signed than are here. */
        FORKED
    }
}
