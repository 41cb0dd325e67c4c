package atlas.journal;

import atlas.journal.store.Wal;
import java.util.Arrays;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Where the journal stands: what its threads tell each other. Every field is safe to read. */
final class Standing {
    private static final long FORCED_LOOK_MILLIS = 20;

    /** Durable entries, as far as is known here. Grows by {@link #reached}. */
    volatile long size;

    /** Entries that were forced to the disk; {@code size} itself but in mode {@code INTERVAL}. */
    private volatile long forced;

    /** The last published checkpoint. Written by the integrator after it is durable. */
    volatile Checkpoint checkpoint;

    /** {@link System#nanoTime} when the write in flight began; 0 when there is none. */
    volatile long writingSince;

    /** The first entry that retention has left in place. */
    volatile long first;

    volatile long freeBytes = Long.MAX_VALUE;
    volatile boolean full;
    volatile boolean behind;
    volatile boolean closed;

    /** Why recording was told to pause; null when it was not. */
    volatile @Nullable String suspended;

    /** The last checkpoint that enough witnesses cosigned; null before the first. */
    volatile @Nullable Checkpoint witnessed;

    /** Durable batches that no checkpoint covers yet, by their first index. */
    final ConcurrentSkipListMap<Long, Batch> tail = new ConcurrentSkipListMap<>();

    /** What emitters have left out, as far as entries were brought into the tree here. */
    final Gaps gaps;

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** Who records into a log of its own. */
    static final byte[] ALONE = {};

    /** What the emitters of this member of a shared log begin with. */
    private final byte[] member;

    /**
     * A log in which everything durable is under this checkpoint.
     *
     * @param member what this member's emitters begin with; empty when there is no other
     */
    Standing(Checkpoint checkpoint, byte[] member, Gaps gaps) {
        this.gaps = gaps;
        this.checkpoint = checkpoint;
        this.member = member.clone();
        this.size = checkpoint.size();
        this.forced = checkpoint.size();
    }

    /** Whether an emitter is one of this member, so that its entries are sealed under keys here. */
    boolean ours(byte[] emitter) {
        return Arrays.equals(emitter, 0, member.length, member, 0, member.length);
    }

    /** So many entries are durable, at least. */
    synchronized void reached(long durable) {
        size = Math.max(size, durable);
    }

    /** A durable batch and where its frame lies. */
    record Batch(long firstIndex, Wal.Place place, int length) {}

    /** Poisons the journal, once; true for the first cause. */
    boolean fail(Throwable cause) {
        return failure.compareAndSet(null, cause);
    }

    /** Everything below {@code size} is on the disk. Called by the committer. */
    void forcedTo(long size) {
        if (size != forced) {
            synchronized (this) {
                forced = size;
                notifyAll();
            }
        }
    }

    /** Waits until everything below {@code size} is on the disk; false when it never will be. */
    boolean awaitForced(long size) throws InterruptedException {
        synchronized (this) {
            while (forced < size && failure() == null) {
                wait(FORCED_LOOK_MILLIS);
            }
            return forced >= size;
        }
    }

    @Nullable Throwable failure() {
        return failure.get();
    }
}
