package atlas.journal;

import atlas.core.AuditLog.Receipt;
import atlas.core.Digest;
import atlas.journal.store.Sequencer;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes: takes what waits, has all of it given its place and made durable as
 * one batch, and only then tells the writers.
 *
 * <p>While one fsync runs the next batch gathers, so the price of an fsync is shared by as many as
 * came meanwhile; when several writers are about, a commit waits for them a moment (see {@link
 * Gathering}). When the tree falls behind, commits are spaced the more the further it does, so that
 * writers who wait for their receipts come as fast as the tree grows, and none is refused. The
 * first {@code IOException} is the last thing that happens here: the kernel may report a lost page
 * only once, so nothing is written to that file again.
 */
final class Committer implements Runnable {
    private static final int MOST_ENTRIES = 4096;
    private static final long IDLE_NANOS = 100_000_000L;

    /** How much may wait to be brought into the tree before commits are spaced. */
    private static final double UNSPACED = 0.25;

    /** The longest space between two commits, as a part of the time an entry may take. */
    private static final int DEADLINE_PARTS = 8;

    private final Intake intake;
    private final Ground ground;
    private final Sequencer sequencer;
    private final Standing standing;
    private final DurableBatch durable;
    private final Consumer<Throwable> poison;
    private final SubjectKeys keys;

    /** 0 forces every batch; else the longest time written batches stay unforced. */
    private final long forceEveryNanos;

    private final long mostSpaceNanos;
    private final Gathering gathering = new Gathering();
    private final byte[] emitter;
    private long sequence;
    private byte[] previous;
    private long forcedAt = System.nanoTime();

    /** Taken from the queue, but left for the next frame. */
    private volatile @Nullable Pending carried;

    private volatile List<Pending> writing = List.of();

    /**
     * Where the emitter was left.
     *
     * @param sequence the emitter's next number
     * @param previous leaf hash of the emitter's last entry
     */
    record Resume(byte[] emitter, long sequence, byte[] previous) {

        /** A new emitter whose name begins with this. */
        static Resume fresh(byte[] prefix) {
            byte[] emitter = new byte[Envelope.ID_BYTES];
            new SecureRandom().nextBytes(emitter);
            System.arraycopy(prefix, 0, emitter, 0, prefix.length);
            return new Resume(emitter, 0, new byte[Digest.BYTES]);
        }
    }

    Committer(
            JournalConfig config,
            Ground ground,
            Intake intake,
            DurableBatch durable,
            Consumer<Throwable> poison) {
        this.intake = intake;
        this.ground = ground;
        this.sequencer = ground.sequencer();
        this.standing = ground.standing();
        this.keys = ground.subjects();
        this.durable = durable;
        this.poison = poison;
        this.forceEveryNanos =
                config.mode() == JournalConfig.Mode.ALWAYS ? 0 : config.interval().toNanos();
        this.mostSpaceNanos = config.deadline().toNanos() / DEADLINE_PARTS;
        Resume resume = ground.resume();
        this.emitter = resume.emitter();
        this.sequence = resume.sequence();
        this.previous = resume.previous();
    }

    /** Is told of every batch once it is durable; must be quick. */
    interface DurableBatch {
        void accept(long firstIndex, List<Pending> batch);
    }

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
                space();
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

    /** Lets the tree catch up, for longer the more waits to be brought into it. */
    private void space() {
        double beyond = (ground.backlog() - UNSPACED) / (1 - UNSPACED);
        if (beyond > 0 && !standing.closed) {
            intake.await(Integer.MAX_VALUE, (long) (mostSpaceNanos * Math.min(1, beyond * beyond)));
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
        if (sequencer.forced()) {
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
        List<Digest> leaves = new ArrayList<>();
        try {
            gather(first, taken, leaves);
        } catch (RuntimeException | Error e) {
            writing = taken;
            throw e;
        }
        if (taken.isEmpty()) {
            return;
        }
        writing = taken;
        standing.writingSince = System.nanoTime() | 1;
        // Before the entry, its key: no crash may leave one that nothing opens.
        keys.settle();
        long firstIndex = sequencer.append();
        long now = System.nanoTime();
        if (now - forcedAt >= forceEveryNanos) {
            force();
        }
        standing.writingSince = 0;
        writing = List.of();
        gathering.committed(taken.size(), intake.queued());
        publish(firstIndex, taken, leaves);
    }

    private void force() throws IOException {
        sequencer.force();
        standing.forcedTo(standing.size);
        forcedAt = System.nanoTime();
    }

    /** Gives entries their places, for as long as there are any and the frame has room. */
    private void gather(Pending first, List<Pending> taken, List<Digest> leaves) {
        sequencer.begin(emitter, sequence);
        Pending next = first;
        while (next != null) {
            if (!sequencer.fits(next.entryLength())) {
                carried = next;
                return;
            }
            if (next.claim()) {
                byte[] leaf = sequencer.add(next.entry(emitter, sequence, previous));
                sequence++;
                previous = leaf;
                leaves.add(Digest.of(leaf));
                taken.add(next);
            } else {
                intake.release(next.payload.cost());
            }
            next = taken.size() < MOST_ENTRIES ? intake.poll() : null;
        }
    }

    private void publish(long firstIndex, List<Pending> taken, List<Digest> leaves) {
        ground.placed(firstIndex, taken, leaves);
        taken.forEach(pending -> intake.release(pending.payload.cost()));
        if (sequencer.forced()) {
            standing.forcedTo(firstIndex + taken.size());
        }
        standing.reached(firstIndex + taken.size());
        // Whatever hangs on a receipt runs elsewhere: it must not hold up the next batch.
        Thread.startVirtualThread(() -> {
            for (int i = 0; i < taken.size(); i++) {
                taken.get(i).future.complete(new Receipt(firstIndex + i, leaves.get(i)));
            }
        });
        durable.accept(firstIndex, taken);
    }
}
