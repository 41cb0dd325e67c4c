package atlas.gateway;

import atlas.core.AuditEvent;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.crypto.Hashes;
import atlas.core.json.AuditJson;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** A journal in memory that can be told which facts it will not take. */
final class MemoryAuditLog implements AuditLog {
    private final List<AuditEvent> events = new ArrayList<>();
    private Predicate<AuditEvent> refused = _ -> false;

    synchronized void refuse(Predicate<AuditEvent> which) {
        refused = which;
    }

    @Override
    public synchronized CompletableFuture<Receipt> submit(AuditEvent event) {
        if (refused.test(event)) {
            return CompletableFuture.failedFuture(new AuditUnavailableException("full", null));
        }
        events.add(event);
        return CompletableFuture.completedFuture(
                new Receipt(events.size() - 1, Hashes.sha256(AuditJson.bytes(event))));
    }

    synchronized List<AuditEvent> events() {
        return List.copyOf(events);
    }

    <T extends AuditEvent> List<T> of(Class<T> kind) {
        return events().stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
