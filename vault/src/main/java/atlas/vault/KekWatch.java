package atlas.vault;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks, every while, whether the KEK may still be used; see {@link KeyVault#check}. A holder that
 * hangs is not waited for: another thread sees to it that keys lapse all the same.
 */
public final class KekWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KekWatch.class);

    private final ScheduledExecutorService threads;

    private KekWatch(ScheduledExecutorService threads) {
        this.threads = threads;
    }

    /** Watches a vault until closed. */
    public static KekWatch over(KeyVault vault, Duration interval) {
        ScheduledExecutorService threads =
                Executors.newScheduledThreadPool(
                        2, Thread.ofPlatform().daemon().name("kek-watch-", 0).factory());
        every(interval, threads, vault::check);
        every(interval, threads, vault::lapse);
        return new KekWatch(threads);
    }

    private static void every(Duration interval, ScheduledExecutorService threads, Runnable task) {
        var _ =
                threads.scheduleWithFixedDelay(
                        () -> look(task),
                        interval.toMillis(),
                        interval.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    // A scheduled task that throws is never run again, and this one must be.
    private static void look(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("the KEK could not be asked after");
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
