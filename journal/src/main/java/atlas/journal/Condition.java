package atlas.journal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the journal takes entries now, and if not, why. Thread-safe; never blocks. */
final class Condition {
    private static final Logger LOG = LoggerFactory.getLogger(Condition.class);

    private final Duration deadline;
    private final Ground ground;
    private final Standing standing;

    /** Looks at {@code ground}; a write under way for longer than {@code deadline} is stuck. */
    Condition(Duration deadline, Ground ground) {
        this.deadline = deadline;
        this.ground = ground;
        this.standing = ground.standing();
    }

    /** Why no entry is taken; null when they are. */
    @Nullable String refusal() {
        JournalHealth.State state = state();
        return state == JournalHealth.State.OPEN ? null : detail(state);
    }

    /** Why no entry is taken; empty when they are. */
    String detail() {
        return detail(state());
    }

    JournalHealth health(int pending, long unheard) {
        JournalHealth.State state = state();
        return new JournalHealth(
                state,
                detail(state),
                standing.size,
                standing.checkpoint.size(),
                pending,
                standing.freeBytes,
                unheard,
                standing.gaps.count(),
                ground.notes());
    }

    void suspend(String why) {
        standing.suspended = why;
        LOG.atError().addKeyValue("why", why).log("recording suspended");
    }

    void resume() {
        if (standing.suspended != null) {
            standing.suspended = null;
            LOG.atInfo().log("recording resumed");
        }
    }

    private JournalHealth.State state() {
        if (standing.failure() != null) {
            return JournalHealth.State.FAILED;
        }
        if (standing.closed) {
            return JournalHealth.State.CLOSED;
        }
        if (standing.suspended != null) {
            return JournalHealth.State.SUSPENDED;
        }
        if (standing.full) {
            return JournalHealth.State.FULL;
        }
        long since = standing.writingSince;
        boolean stuck = since != 0 && System.nanoTime() - since > deadline.toNanos();
        return stuck || standing.behind ? JournalHealth.State.SLOW : JournalHealth.State.OPEN;
    }

    private String detail(JournalHealth.State state) {
        return switch (state) {
            case OPEN -> "";
            case SLOW -> slow();
            case FULL -> "the journal's volume is at its reserve; free some space";
            case FAILED -> "the journal failed: " + standing.failure() + "; restart to recover";
            case SUSPENDED -> "recording is suspended: " + standing.suspended;
            case CLOSED -> "the journal is closed";
        };
    }

    private String slow() {
        String trouble = ground.trouble();
        return trouble.isEmpty() ? "the journal does not keep up" : trouble;
    }
}
