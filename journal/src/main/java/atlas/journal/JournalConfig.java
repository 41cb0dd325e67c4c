package atlas.journal;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How one journal is kept.
 *
 * @param origin the log's name, part of every checkpoint; one per installation, for ever
 * @param interval {@link Mode#INTERVAL} only: the longest time between two fsyncs
 * @param checkpointInterval the longest time a durable entry waits for a signed checkpoint
 * @param checkpointEvery entries after which a checkpoint is signed without waiting
 * @param deadline how long an entry may take to become durable before its writer is told no
 * @param reserveBytes free space that is never used up; below it entries are refused
 * @param maxPending entries that may wait for the disk; more are refused
 */
public record JournalConfig(
        Path directory,
        String origin,
        Mode mode,
        Duration interval,
        Duration checkpointInterval,
        int checkpointEvery,
        Duration deadline,
        long reserveBytes,
        int maxPending) {

    /** When an entry counts as recorded. */
    public enum Mode {
        /** When it is on the disk: fsync before the receipt. */
        ALWAYS,
        /**
         * When the operating system has it. A killed process loses nothing; a power cut loses at
         * most the entries of the last {@code interval}.
         */
        INTERVAL
    }

    public JournalConfig {
        require(!origin.isEmpty() && origin.length() <= 255, "an origin has 1 to 255 characters");
        require(interval.isPositive(), "the sync interval is positive");
        require(checkpointInterval.isPositive(), "the checkpoint interval is positive");
        require(checkpointEvery > 0, "entries per checkpoint are positive");
        require(deadline.isPositive(), "the deadline is positive");
        require(reserveBytes >= 0, "the reserve is not negative");
        require(maxPending > 0, "the pending entries are positive");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }

    /** Fsync before every receipt, a checkpoint each second. */
    public static JournalConfig defaults(Path directory, String origin) {
        return new JournalConfig(
                directory,
                origin,
                Mode.ALWAYS,
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                16_384,
                Duration.ofSeconds(2),
                64L << 20,
                8_192);
    }
}
