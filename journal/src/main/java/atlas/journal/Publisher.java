package atlas.journal;

import atlas.journal.search.SearchIndex;
import atlas.journal.store.Frame;
import atlas.journal.store.TileStore;
import atlas.journal.store.Wal;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The thread behind the committer: brings durable batches into tiles and bundles, publishes
 * checkpoints on time and on size, and lets write-ahead segments go that are no longer needed. What
 * has piled up is brought in piece by piece, each of which lets go of what it leaves behind.
 */
final class Publisher implements Publishing {
    private static final long PIECE_BYTES = 64 << 20;

    private final Integrator integrator;
    private final Wal wal;
    private final Standing standing;
    private final SearchIndex search;
    private final Duration interval;
    private final int every;
    private final Consumer<Throwable> poison;

    private final Object lock = new Object();

    /** Guarded by {@code lock}. */
    private boolean wanted;

    /** Guarded by {@code lock}; completes when everything durable at its making is published. */
    private CompletableFuture<Checkpoint> request = new CompletableFuture<>();

    /** Guarded by {@code lock}. */
    private boolean stopping;

    Publisher(JournalConfig config, Opened opened, Consumer<Throwable> poison) {
        this.integrator = opened.recovered().integrator();
        this.wal = opened.wal();
        this.standing = opened.standing();
        this.search = opened.search();
        this.interval = config.checkpointInterval();
        this.every = config.checkpointEvery();
        this.poison = poison;
    }

    @Override
    public void appended(long size) {
        if (size - standing.checkpoint.size() >= every) {
            synchronized (lock) {
                wanted = true;
                lock.notifyAll();
            }
        }
    }

    @Override
    public CompletableFuture<Checkpoint> request() {
        synchronized (lock) {
            wanted = true;
            lock.notifyAll();
            return request;
        }
    }

    @Override
    public void stop() {
        synchronized (lock) {
            stopping = true;
            lock.notifyAll();
        }
    }

    @Override
    public void fail(Throwable cause) {
        synchronized (lock) {
            stopping = true;
            request.completeExceptionally(cause);
            lock.notifyAll();
        }
    }

    @Override
    public void run() {
        CompletableFuture<Checkpoint> served = new CompletableFuture<>();
        try {
            boolean last = false;
            while (!last && standing.failure() == null) {
                last = await();
                served = takeRequest();
                publish();
                if (standing.failure() == null) {
                    served.complete(standing.checkpoint);
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            poison.accept(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            JournalException ended = new JournalException("the journal signs no more");
            served.completeExceptionally(ended);
            fail(ended);
        }
    }

    private boolean await() throws InterruptedException {
        synchronized (lock) {
            long due = System.nanoTime() + interval.toNanos();
            while (!wanted && !stopping) {
                long left = due - System.nanoTime();
                if (left <= 0) {
                    break;
                }
                lock.wait(left / 1_000_000, (int) (left % 1_000_000));
            }
            return stopping;
        }
    }

    private CompletableFuture<Checkpoint> takeRequest() {
        synchronized (lock) {
            wanted = false;
            CompletableFuture<Checkpoint> taken = request;
            request = new CompletableFuture<>();
            return taken;
        }
    }

    private void publish() throws IOException, InterruptedException {
        long target = standing.size;
        // What a power cut may still take must not be signed for.
        if (target == standing.checkpoint.size() || !standing.awaitForced(target)) {
            return;
        }
        while (standing.checkpoint.size() < target && standing.failure() == null) {
            piece(target);
        }
    }

    private void piece(long target) throws IOException {
        long segment = 0;
        long bytes = 0;
        try (TileStore.FrameReader frames = new TileStore.FrameReader()) {
            Map.Entry<Long, Standing.Batch> next = standing.tail.firstEntry();
            while (next != null && next.getKey() < target && bytes < PIECE_BYTES) {
                Standing.Batch batch = next.getValue();
                Frame frame = frames.read(batch.place(), batch.length());
                if (frame.firstIndex() != integrator.size()) {
                    throw new IOException(
                            "batch " + frame.batch() + " is not the next to integrate");
                }
                integrator.add(frame);
                bytes += batch.length();
                segment = batch.place().segment();
                next = standing.tail.higherEntry(next.getKey());
            }
        }
        standing.checkpoint = integrator.publish();
        standing.tail.headMap(integrator.size()).clear();
        wal.releaseBelow(segment);
        search.keep(standing.checkpoint.size());
    }
}
