package atlas.control.posture;

import atlas.core.AuditEvent.AlertRaised;
import atlas.journal.Appended;
import atlas.journal.Journal;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Hears of alerts as the journal records them, for checks that provoke one. Thread-safe. */
final class Alarms {
    private final Map<String, CompletableFuture<AlertRaised>> awaited = new ConcurrentHashMap<>();

    Alarms(Journal journal) {
        journal.onAppended(this::heard);
    }

    private void heard(Appended appended) {
        if (appended.event() instanceof AlertRaised alert) {
            CompletableFuture<AlertRaised> waiting = awaited.get(alert.principal());
            if (waiting != null) {
                waiting.complete(alert);
            }
        }
    }

    /** From now on alerts about this principal are kept for who asked. */
    Awaited about(String principal) {
        CompletableFuture<AlertRaised> future = new CompletableFuture<>();
        awaited.put(principal, future);
        return new Awaited(future, () -> awaited.remove(principal, future));
    }

    /** The first alert there will be. */
    record Awaited(CompletableFuture<AlertRaised> future, Runnable forget)
            implements AutoCloseable {

        Optional<AlertRaised> now() {
            return Optional.ofNullable(future.getNow(null));
        }

        @Nullable AlertRaised within(long time, TimeUnit unit) throws InterruptedException {
            try {
                return future.get(time, unit);
            } catch (TimeoutException e) {
                return null;
            } catch (ExecutionException e) {
                throw new IllegalStateException("it is only completed", e);
            }
        }

        @Override
        public void close() {
            forget.run();
        }
    }
}
