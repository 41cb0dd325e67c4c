package atlas.journal;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of durable facts, in order, on one thread of its own. A listener that cannot keep
 * up misses facts, counted; it never holds up the journal.
 */
final class Listeners implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
    private static final int MOST_WAITING = 8192;

    private final BlockingQueue<Appended> queue = new ArrayBlockingQueue<>(MOST_WAITING);
    private final List<Consumer<Appended>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong unheard = new AtomicLong();
    private final Thread thread =
            Thread.ofPlatform().daemon(true).name("journal-listeners").unstarted(this::run);
    private volatile boolean closed;

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
        long index = firstIndex;
        for (Pending pending : batch) {
            if (!queue.offer(new Appended(index++, pending.event, pending.when))) {
                unheard.incrementAndGet();
            }
        }
    }

    long unheard() {
        return unheard.get();
    }

    private void run() {
        try {
            while (!closed || !queue.isEmpty()) {
                Appended appended = queue.poll(100, TimeUnit.MILLISECONDS);
                if (appended != null) {
                    listeners.forEach(listener -> tell(listener, appended));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
