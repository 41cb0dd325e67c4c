package atlas.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The bounded way in: many writers, one committer. Bounded in entries and in bytes, so that a flood
 * costs its senders and nobody's memory.
 */
final class Intake {
    private static final long MOST_BYTES = 64L << 20;

    private final int mostEntries;
    private final ConcurrentLinkedQueue<Pending> queue = new ConcurrentLinkedQueue<>();
    private final Set<Pending> staged = ConcurrentHashMap.newKeySet();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicInteger entries = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private volatile @Nullable Thread waiting;

    /** How many must be queued before the committer is woken for them. */
    private volatile int wanted = 1;

    private volatile boolean called;

    Intake(int mostEntries) {
        this.mostEntries = mostEntries;
    }

    /** Takes up room for an entry; whoever gets it must {@link #release} it. */
    boolean reserve(int size) {
        boolean fewEnough = entries.incrementAndGet() <= mostEntries;
        boolean smallEnough = bytes.addAndGet(size) <= MOST_BYTES;
        if (!fewEnough || !smallEnough) {
            release(size);
        }
        return fewEnough && smallEnough;
    }

    void release(int size) {
        entries.decrementAndGet();
        bytes.addAndGet(-size);
    }

    /** Remembers an entry whose payload is still being written apart. */
    void stage(Pending pending) {
        staged.add(pending);
    }

    void unstage(Pending pending) {
        staged.remove(pending);
    }

    void put(Pending pending) {
        queue.add(pending);
        if (queued.incrementAndGet() >= wanted) {
            unpark();
        }
    }

    /** Ends the committer's wait, whatever is queued. */
    void wake() {
        called = true;
        unpark();
    }

    private void unpark() {
        Thread committer = waiting;
        if (committer != null) {
            LockSupport.unpark(committer);
        }
    }

    @Nullable Pending poll() {
        Pending next = queue.poll();
        if (next != null) {
            queued.decrementAndGet();
        }
        return next;
    }

    /** Entries that could be polled now. */
    int queued() {
        return queued.get();
    }

    /** Waits until so many are queued, or the time is over; for the one committer. */
    void await(int count, long nanos) {
        long until = System.nanoTime() + nanos;
        wanted = count;
        waiting = Thread.currentThread();
        long left = nanos;
        while (queued.get() < count && left > 0 && !called) {
            LockSupport.parkNanos(this, left);
            left = until - System.nanoTime();
        }
        waiting = null;
        wanted = 1;
        called = false;
    }

    int pending() {
        return entries.get();
    }

    boolean isEmpty() {
        return entries.get() == 0;
    }

    /** Entries that still wait, staged ones too. */
    List<Pending> waiting() {
        List<Pending> all = new ArrayList<>(staged);
        all.addAll(queue);
        return all;
    }
}
