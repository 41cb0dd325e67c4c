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
    private boolean forgets;

    /** From now on takes every fact and keeps none. */
    synchronized void forget() {
        forgets = true;
    }

    synchronized void refuse(Predicate<AuditEvent> which) {
        refused = which;
    }

    @Override
    public synchronized CompletableFuture<Receipt> submit(AuditEvent event) {
        if (refused.test(event)) {
            return CompletableFuture.failedFuture(new AuditUnavailableException("full", null));
        }
        if (forgets) {
            return CompletableFuture.completedFuture(
                    new Receipt(0, Hashes.sha256(AuditJson.bytes(event))));
        }
        events.add(event);
        notifyAll();
        return CompletableFuture.completedFuture(
                new Receipt(events.size() - 1, Hashes.sha256(AuditJson.bytes(event))));
    }

    synchronized List<AuditEvent> events() {
        return List.copyOf(events);
    }

    /** Waits for the first fact of a kind; a test that waits in vain fails after ten seconds. */
    synchronized <T extends AuditEvent> T await(Class<T> kind) throws InterruptedException {
        long end = System.nanoTime() + 10_000_000_000L;
        while (of(kind).isEmpty()) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError("no " + kind.getSimpleName() + " in " + events);
            }
            wait(left);
        }
        return of(kind).getFirst();
    }

    <T extends AuditEvent> List<T> of(Class<T> kind) {
        return events().stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
