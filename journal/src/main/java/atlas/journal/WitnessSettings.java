package atlas.journal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The {@code journal.witnesses} section: who has to see this log's checkpoints, and what becomes of
 * serving when too few do.
 *
 * @param policy a C2SP tlog-policy file; every witness in it has its submission prefix as URL.
 *     Nobody is asked when absent
 * @param ca the certificates that vouch for the witnesses' servers, PEM; the public ones of the
 *     Java runtime when absent
 * @param timeout how long one witness may take to answer; at most a minute
 * @param maxUnwitnessed how long entries may wait for a quorum
 * @param maxUnwitnessedEntries how many of them may wait
 * @param whenUnwitnessed what happens when either is exceeded
 */
public record WitnessSettings(
        Optional<Path> policy,
        Optional<Path> ca,
        Duration timeout,
        Duration maxUnwitnessed,
        long maxUnwitnessedEntries,
        WhenUnwitnessed whenUnwitnessed) {

    /** What becomes of serving without a quorum. */
    public enum WhenUnwitnessed {
        /** An alarm, and serving goes on. */
        ALARM,
        /** An alarm, and nothing is recorded, so nothing served, until there is a quorum again. */
        REFUSE
    }

    public WitnessSettings {
        if (!timeout.isPositive() || timeout.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("`timeout` is between a moment and 1m");
        }
        if (!maxUnwitnessed.isPositive() || maxUnwitnessed.compareTo(Duration.ofDays(7)) > 0) {
            throw new IllegalArgumentException("`max-unwitnessed` is between a moment and 7d");
        }
        if (maxUnwitnessedEntries < 1) {
            throw new IllegalArgumentException("`max-unwitnessed-entries` is at least 1");
        }
    }

    /** Nobody is asked; once somebody is, a minute or a million entries may wait, then an alarm. */
    public static WitnessSettings defaults() {
        return new WitnessSettings(
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                1_000_000,
                WhenUnwitnessed.ALARM);
    }
}
