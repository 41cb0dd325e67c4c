package atlas.vault;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks, every while, whether the KEK may still be used; see {@link KeyVault#check}. */
public final class KekWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KekWatch.class);

    private final ScheduledExecutorService thread;

    private KekWatch(ScheduledExecutorService thread) {
        this.thread = thread;
    }

    /** Watches a vault until closed. */
    public static KekWatch over(KeyVault vault, Duration interval) {
        ScheduledExecutorService thread =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("kek-watch").factory());
        var _ =
                thread.scheduleWithFixedDelay(
                        () -> look(vault),
                        interval.toMillis(),
                        interval.toMillis(),
                        TimeUnit.MILLISECONDS);
        return new KekWatch(thread);
    }

    // A scheduled task that throws is never run again, and this one must be.
    private static void look(KeyVault vault) {
        try {
            vault.check();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("the KEK could not be asked after");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
