package atlas.journal;

import java.util.List;

/**
 * How the journal is doing.
 *
 * @param detail why, when it does not accept
 * @param size durable entries
 * @param checkpointed entries under the last signed checkpoint
 * @param pending entries on their way to the disk
 * @param freeBytes usable space of the volume, at the last look
 * @param unheard notifications dropped because a listener was too slow; the entries are there
 * @param gaps in emitters' numbers, found since the start
 * @param notes what start-up found and mended
 */
public record JournalHealth(
        State state,
        String detail,
        long size,
        long checkpointed,
        int pending,
        long freeBytes,
        long unheard,
        long gaps,
        List<String> notes) {
    public JournalHealth {
        notes = List.copyOf(notes);
    }

    /** Whether entries are taken, and if not, why. */
    public enum State {
        OPEN,
        /** The disk did not finish a write in time; entries are refused until it does. */
        SLOW,
        /** The free-space reserve is reached; entries are refused until there is room. */
        FULL,
        /** A write or fsync failed; only opening the journal anew, from the disk, mends it. */
        FAILED,
        /** Recording was told to pause, because too few others see what is recorded. */
        SUSPENDED,
        CLOSED
    }

    /** Whether a submitted entry has a chance. */
    public boolean accepting() {
        return state == State.OPEN;
    }
}
