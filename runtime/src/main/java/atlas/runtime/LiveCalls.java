package atlas.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls under way, each with a question that can be asked again: does what it rests on still hold?
 *
 * <p>Whoever hears of a change says {@link #changed}; then every call is asked about, on one thread
 * of this object's own, and a call that stands no more is ended. Changes that come while it asks
 * lead to one more round, however many they are. No change falls between the first check of a call
 * and its entry: a call enters with the {@link #epoch} it began in, and is asked about at once when
 * that is over. Beside that everybody is asked now and then, for what changes without anybody
 * saying so, and whoever's time is up is asked when it is.
 *
 * <p>A call costs one entry in a table; a change costs one question per call. Thread-safe.
 */
public final class LiveCalls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveCalls.class);

    private final Rounds rounds;
    private final Clock clock;
    private final LongSupplier nanos;
    private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
    private final Semaphore wake = new Semaphore(0);
    private final AtomicLong epoch = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    /**
     * When calls are asked about that no change concerned.
     *
     * @param tick how often expired calls, and those that could not be judged, are looked for
     * @param everybody how often all are asked; never more than half of one processor's time
     * @param patience how long a call goes on when nobody can tell whether it may
     */
    public record Rounds(Duration tick, Duration everybody, Duration patience) {
        public Rounds {
            if (!tick.isPositive() || everybody.compareTo(tick) < 0 || patience.isNegative()) {
                throw new IllegalArgumentException(
                        "a tick is longer than nothing and not longer than a round of everybody");
            }
        }

        /** Expiry within a second, everybody every 5 seconds, 10 seconds without an answer. */
        public static Rounds defaults() {
            return new Rounds(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(10));
        }
    }

    /** The answer to the question whether a call may go on. */
    public sealed interface Verdict {
        /** It may. */
        record Stands() implements Verdict {}

        /** It may not; the reason is for the record. */
        record Falls(String reason) implements Verdict {}

        /** Nobody can tell now. */
        record Unsure(String what) implements Verdict {}
    }

    /** A call under way. Asked on one thread, never concurrently; must not block. */
    public interface LiveCall {
        /** Asks everybody again who had to say yes when it began. */
        Verdict verdict();

        /** When its credential ends. */
        Instant until();

        /** It stands no more: called at most once. */
        void fall(String reason);

        /** Nobody could tell for too long: called at most once, instead of {@link #fall}. */
        void doubt(String what);
    }

    /** A call's place among the living; closed when the call is over. */
    public final class Entry implements AutoCloseable {
        private final LiveCall call;
        // All below: the asking thread's alone.
        private long sureNanos = nanos.getAsLong();
        private boolean unsure;
        private boolean over;

        private Entry(LiveCall call) {
            this.call = call;
        }

        @Override
        public void close() {
            entries.remove(this);
        }
    }

    /**
     * @param name of the asking thread
     */
    public LiveCalls(String name, Rounds rounds, Clock clock) {
        this(name, rounds, clock, System::nanoTime);
    }

    /**
     * @param nanos by which patience is measured
     */
    LiveCalls(String name, Rounds rounds, Clock clock, LongSupplier nanos) {
        this.rounds = rounds;
        this.clock = clock;
        this.nanos = nanos;
        this.thread = Thread.ofPlatform().daemon().name(name).start(this::ask);
    }

    /** Something changed that calls may rest on. Returns at once. */
    public void changed() {
        epoch.incrementAndGet();
        wake.release();
    }

    /** To be read before the first question about a caller is asked. */
    public long epoch() {
        return epoch.get();
    }

    /** Takes a call among the living. */
    public Entry enter(long began, LiveCall call) {
        Entry entry = new Entry(call);
        entries.add(entry);
        // INVARIANT: entered first, looked at the epoch second; a change does it the other way.
        if (epoch.get() != began) {
            wake.release();
        }
        return entry;
    }

    /** How many calls are under way. */
    public int size() {
        return entries.size();
    }

    /** How many were ended here, ever. */
    public long ended() {
        return ended.get();
    }

    private void ask() {
        long next = System.nanoTime() + rounds.everybody.toNanos();
        while (!closed) {
            try {
                boolean woken = wake.tryAcquire(rounds.tick.toNanos(), TimeUnit.NANOSECONDS);
                wake.drainPermits();
                long began = System.nanoTime();
                boolean everybody = woken || began - next >= 0;
                round(everybody);
                if (everybody) {
                    long now = System.nanoTime();
                    next = now + Math.max(rounds.everybody.toNanos(), now - began);
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void round(boolean everybody) {
        Instant now = clock.instant();
        for (Entry entry : entries) {
            if (!entry.over && (everybody || entry.unsure || !now.isBefore(entry.call.until()))) {
                judge(entry);
            }
        }
    }

    private void judge(Entry entry) {
        try {
            switch (verdict(entry.call)) {
                case Verdict.Stands _ -> {
                    entry.unsure = false;
                    entry.sureNanos = nanos.getAsLong();
                }
                case Verdict.Falls(String reason) -> {
                    end(entry);
                    entry.call.fall(reason);
                }
                case Verdict.Unsure(String what) -> {
                    entry.unsure = true;
                    long since = nanos.getAsLong() - entry.sureNanos;
                    if (since >= rounds.patience.toNanos()) {
                        end(entry);
                        entry.call.doubt(what);
                    }
                }
            }
        } catch (RuntimeException | Error e) {
            // One call that cannot be ended must not keep the others from it.
            LOG.atError().setCause(e).log("a call could not be ended");
        }
    }

    // A fault is not a no: whoever cannot say is asked again until patience ends. Errors, too: a
    // thread that dies of one would leave every call unasked for ever.
    private static Verdict verdict(LiveCall call) {
        try {
            return call.verdict();
        } catch (RuntimeException | Error e) {
            return new Verdict.Unsure(e.getClass().getSimpleName());
        }
    }

    private void end(Entry entry) {
        entry.over = true;
        ended.incrementAndGet();
    }

    /** Asks no more; calls under way go on. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
