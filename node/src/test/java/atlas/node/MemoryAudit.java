package atlas.node;

import atlas.core.AuditEvent;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.crypto.Hashes;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Facts in a list; can be made to fail. */
final class MemoryAudit implements AuditLog {
    final List<AuditEvent> events = new CopyOnWriteArrayList<>();
    volatile boolean down;

    @Override
    public CompletableFuture<Receipt> submit(AuditEvent event) {
        if (down) {
            return CompletableFuture.failedFuture(
                    new AuditUnavailableException("the journal is down", null));
        }
        events.add(event);
        return CompletableFuture.completedFuture(
                new Receipt(events.size() - 1, Hashes.sha256("leaf")));
    }

    /** What happened to models, as `change model`. */
    List<String> changes() {
        return events.stream()
                .filter(AuditEvent.ModelChanged.class::isInstance)
                .map(AuditEvent.ModelChanged.class::cast)
                .map(e -> e.change() + " " + e.model())
                .toList();
    }
}
