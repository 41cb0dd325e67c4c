package atlas.journal;

import atlas.core.AuditLog.Receipt;
import atlas.core.Digest;
import atlas.journal.store.Frame;
import atlas.journal.store.Wal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes: takes what waits, gives each entry its place, writes all of it as one
 * frame, forces it, and only then tells the writers.
 *
 * <p>While one fsync runs the next batch gathers, so the price of an fsync is shared by as many as
 * came meanwhile; when several writers are about, a commit waits for them a moment (see {@link
 * Gathering}). The first {@code IOException} is the last thing that happens here: the kernel may
 * report a lost page only once, so nothing is written to that file again.
 */
final class Committer implements Runnable {
    private static final int MOST_ENTRIES = 4096;
    private static final long IDLE_NANOS = 100_000_000L;

    private final Intake intake;
    private final Wal wal;
    private final Standing standing;
    private final DurableBatch durable;
    private final Consumer<Throwable> poison;
    private final SearchIndex search;

    /** 0 forces every batch; else the longest time written batches stay unforced. */
    private final long forceEveryNanos;

    private final Gathering gathering = new Gathering();
    private final Frame.Builder frame;
    private final byte[] emitter;
    private long sequence;
    private byte[] previous;
    private long batch;
    private byte[] batchHash;
    private long durableBatches;
    private long forcedAt = System.nanoTime();
    private long nextIndex;

    /** Taken from the queue, but left for the next frame. */
    private volatile @Nullable Pending carried;

    private volatile List<Pending> writing = List.of();

    /**
     * Where the log was left.
     *
     * @param sequence the emitter's next number
     * @param previous leaf hash of the emitter's last entry
     * @param batch the next batch's number
     */
    record Resume(
            byte[] emitter,
            long sequence,
            byte[] previous,
            long batch,
            byte[] batchHash,
            long index) {}

    Committer(
            JournalConfig config,
            Resume resume,
            Parts parts,
            int largestFrame,
            DurableBatch durable,
            Consumer<Throwable> poison) {
        this.intake = parts.intake();
        this.wal = parts.wal();
        this.standing = parts.standing();
        this.search = parts.search();
        this.durable = durable;
        this.poison = poison;
        this.forceEveryNanos =
                config.mode() == JournalConfig.Mode.ALWAYS ? 0 : config.interval().toNanos();
        this.frame = new Frame.Builder(largestFrame);
        this.emitter = resume.emitter();
        this.sequence = resume.sequence();
        this.previous = resume.previous();
        this.batch = resume.batch();
        this.durableBatches = resume.batch();
        this.batchHash = resume.batchHash();
        this.nextIndex = resume.index();
    }

    /** Is told of every batch once it is durable; must be quick. */
    interface DurableBatch {
        void accept(long firstIndex, List<Pending> batch);
    }

    /** What the committer works on. */
    record Parts(Intake intake, Wal wal, Standing standing, SearchIndex search) {}

    /** Entries no longer in the queue and not yet told. */
    List<Pending> inHand() {
        List<Pending> all = new ArrayList<>(writing);
        Pending left = carried;
        if (left != null) {
            all.add(left);
        }
        return all;
    }

    @Override
    public void run() {
        try {
            while (standing.failure() == null && !(standing.closed && intake.isEmpty())) {
                Pending first = carried;
                if (first == null) {
                    gatherCompany();
                    first = intake.poll();
                }
                carried = null;
                if (first == null) {
                    rest();
                } else {
                    commit(first);
                }
            }
            if (standing.failure() == null) {
                force();
            }
        } catch (IOException | RuntimeException | Error e) {
            poison.accept(e);
        }
    }

    /** Waits a moment for those who are likely to come, when there is an fsync to share. */
    private void gatherCompany() {
        int awaited = forceEveryNanos == 0 ? gathering.awaited(intake.queued()) : 0;
        if (awaited > 0 && !standing.closed) {
            intake.await(awaited, Gathering.MOST_NANOS);
        }
    }

    private void rest() throws IOException {
        if (durableBatches == batch) {
            intake.await(1, IDLE_NANOS);
            return;
        }
        long due = forcedAt + forceEveryNanos - System.nanoTime();
        if (due > 0) {
            intake.await(1, due);
        } else {
            force();
        }
    }

    private void commit(Pending first) throws IOException {
        List<Pending> taken = new ArrayList<>();
        List<Receipt> receipts = new ArrayList<>();
        try {
            gather(first, taken, receipts);
        } catch (RuntimeException | Error e) {
            writing = taken;
            throw e;
        }
        if (taken.isEmpty()) {
            return;
        }
        writing = taken;
        standing.writingSince = System.nanoTime() | 1;
        batchHash = frame.finish(batch, nextIndex, durableBatches, batchHash);
        Wal.Place place = wal.append(frame.bytes());
        batch++;
        long now = System.nanoTime();
        if (now - forcedAt >= forceEveryNanos) {
            force();
        }
        standing.writingSince = 0;
        writing = List.of();
        gathering.committed(taken.size(), intake.queued());
        publish(place, taken, receipts);
    }

    private void force() throws IOException {
        wal.force();
        durableBatches = batch;
        forcedAt = System.nanoTime();
    }

    /** Gives entries their places, for as long as there are any and the frame has room. */
    private void gather(Pending first, List<Pending> taken, List<Receipt> receipts) {
        frame.begin();
        Pending next = first;
        while (next != null) {
            int length = Envelope.encodedLength(Envelope.KEY_LABEL.length(), next.payload.length);
            if (!frame.fits(length)) {
                carried = next;
                return;
            }
            if (next.claim()) {
                byte[] leaf = frame.add(next.entry(emitter, sequence, previous));
                sequence++;
                previous = leaf;
                receipts.add(new Receipt(nextIndex + taken.size(), Digest.of(leaf)));
                taken.add(next);
            } else {
                intake.release(next.cost);
            }
            next = taken.size() < MOST_ENTRIES ? intake.poll() : null;
        }
    }

    private void publish(Wal.Place place, List<Pending> taken, List<Receipt> receipts) {
        standing.tail.put(
                nextIndex, new Standing.Batch(nextIndex, taken.size(), place, frame.length()));
        for (Pending pending : taken) {
            search.add(pending.when, pending.keys);
            intake.release(pending.cost);
        }
        nextIndex += taken.size();
        standing.size = nextIndex;
        // Whatever hangs on a receipt runs elsewhere: it must not hold up the next batch.
        Thread.startVirtualThread(() -> {
            for (int i = 0; i < taken.size(); i++) {
                taken.get(i).future.complete(receipts.get(i));
            }
        });
        durable.accept(nextIndex - taken.size(), taken);
    }

    /** The most bytes a frame of this journal may have. */
    static int largestFrame(int segmentBytes) {
        int largest = Wal.largestFrame(segmentBytes);
        if (largest < Frame.overhead() + Frame.costOf(65_535)) {
            throw new IllegalArgumentException("a segment must hold the largest entry");
        }
        return largest;
    }
}
