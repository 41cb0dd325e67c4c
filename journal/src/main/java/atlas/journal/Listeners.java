package atlas.journal;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of durable facts, in order, on one thread of its own. A listener that cannot keep
 * up misses facts, counted; it never holds up the journal. A fact that comes after a pause is told
 * at once; while they keep coming they are told a few milliseconds' worth at a time, because waking
 * a thread for each costs more than most listeners do.
 */
final class Listeners implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
    private static final int MOST_WAITING = 8192;
    private static final long PACE_NANOS = 4_000_000L;
    private static final long IDLE_NANOS = 100_000_000L;

    private final ConcurrentLinkedQueue<Batch> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final List<Consumer<Appended>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong unheard = new AtomicLong();
    private final Thread thread =
            Thread.ofPlatform().daemon(true).name("journal-listeners").unstarted(this::run);
    private volatile boolean idle;
    private volatile boolean closed;

    private record Batch(long firstIndex, List<Pending> entries) {}

    Listeners() {
        thread.start();
    }

    void add(Consumer<Appended> listener) {
        listeners.add(listener);
    }

    /** Called by the committer with each durable batch. */
    void tell(long firstIndex, List<Pending> batch) {
        if (listeners.isEmpty()) {
            return;
        }
        int room = MOST_WAITING - waiting.get();
        if (batch.size() > room) {
            unheard.addAndGet(batch.size() - Math.max(0, room));
        }
        List<Pending> heard = batch.size() <= room ? batch : batch.subList(0, Math.max(0, room));
        if (heard.isEmpty()) {
            return;
        }
        waiting.addAndGet(heard.size());
        queue.add(new Batch(firstIndex, heard));
        if (idle) {
            LockSupport.unpark(thread);
        }
    }

    long unheard() {
        return unheard.get();
    }

    private void run() {
        while (!closed || !queue.isEmpty()) {
            Batch batch = queue.poll();
            if (batch != null) {
                do {
                    tell(batch);
                    batch = queue.poll();
                } while (batch != null);
                LockSupport.parkNanos(this, PACE_NANOS);
            } else {
                rest();
            }
            if (Thread.interrupted()) {
                return;
            }
        }
    }

    private void rest() {
        idle = true;
        if (queue.isEmpty() && !closed) {
            LockSupport.parkNanos(this, IDLE_NANOS);
        }
        idle = false;
    }

    private void tell(Batch batch) {
        long index = batch.firstIndex();
        for (Pending pending : batch.entries()) {
            Appended appended = new Appended(index++, pending.event, pending.when);
            listeners.forEach(listener -> tell(listener, appended));
            waiting.decrementAndGet();
        }
    }

    private static void tell(Consumer<Appended> listener, Appended appended) {
        try {
            listener.accept(appended);
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("entry", appended.index()).log("listener failed");
        }
    }

    /** Lets what is queued be told, for a moment, then stops. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
