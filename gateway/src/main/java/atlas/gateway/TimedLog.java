package atlas.gateway;

import atlas.core.AuditEvent;
import atlas.core.AuditLog;
import atlas.watch.Metrics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The journal, with the time that each of our facts took to become durable. */
final class TimedLog implements AuditLog {
    private final AuditLog journal;
    private final Metrics metrics;

    TimedLog(AuditLog journal, Metrics metrics) {
        this.journal = journal;
        this.metrics = metrics;
    }

    @Override
    public CompletableFuture<Receipt> submit(AuditEvent event) {
        long before = System.nanoTime();
        CompletableFuture<Receipt> receipt = journal.submit(event);
        receipt.thenRun(() -> metrics.appended(Duration.ofNanos(System.nanoTime() - before)));
        return receipt;
    }
}
