package atlas.control.login;

import atlas.core.AuditEvent;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.crypto.Hashes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A journal in memory that can be down. */
final class RecordedLog implements AuditLog {
    final List<AuditEvent> events = new ArrayList<>();
    boolean down;

    @Override
    public synchronized CompletableFuture<Receipt> submit(AuditEvent event) {
        if (down) {
            return CompletableFuture.failedFuture(
                    new AuditUnavailableException("down for the test", null));
        }
        events.add(event);
        return CompletableFuture.completedFuture(
                new Receipt(events.size() - 1L, Hashes.sha256(event.toString())));
    }

    <T extends AuditEvent> List<T> all(Class<T> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
