package atlas.control.trust;

import atlas.core.AuditEvent.Actor;
import atlas.journal.JournalRetention;
import atlas.journal.JournalRetention.Outcome;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes once an hour what the journal need not keep any longer; does nothing where everything is
 * kept. What goes wrong is logged and tried again: entries that stay too long harm nobody at once.
 */
public final class RetentionTimer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RetentionTimer.class);
    private static final long FIRST_MINUTES = 5;
    private static final long MINUTES = 60;

    private final JournalRetention retention;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("journal-retention").factory());

    public RetentionTimer(JournalRetention retention) {
        this.retention = retention;
        if (retention.keep().isPresent() && !retention.legalHold()) {
            timer.scheduleWithFixedDelay(this::run, FIRST_MINUTES, MINUTES, TimeUnit.MINUTES);
        }
    }

    private void run() {
        try {
            Outcome outcome = retention.run(Actor.system("retention"), "", Optional.empty());
            if (outcome instanceof Outcome.Refused refused) {
                LOG.atWarn().addKeyValue("why", refused.why()).log("journal retention refused");
            }
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("journal retention failed; tried again in an hour");
        }
    }

    @Override
    public void close() {
        timer.shutdown();
        try {
            // The journal closes next; what is being removed then is ended by the next start.
            if (!timer.awaitTermination(10, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
