package atlas.journal.store;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Writes of one thread, several under way at once: a device completes eight forced files in little
 * more time than one. Bounded in number and in bytes, so that a caller that is faster than the disk
 * waits for it. The first failure comes back at the next call, and nothing is begun after it.
 */
final class AtOnce {
    private static final int THREADS = 8;
    private static final int MOST = 64;
    private static final long MOST_BYTES = 16 << 20;

    private final ExecutorService threads = threads();
    private final ArrayDeque<Begun> underWay = new ArrayDeque<>();
    private long bytes;

    private record Begun(Future<?> done, long bytes) {}

    /** A write. */
    interface Write {
        void run() throws IOException;
    }

    private static ExecutorService threads() {
        // They end by themselves when nothing is written for a while: a shelf is never closed.
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        5,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().daemon(true).name("journal-tiles-", 0).factory());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Begins a write once there is room for it. */
    void begin(long size, Write write) throws IOException {
        while (!underWay.isEmpty()
                && (underWay.size() >= MOST
                        || bytes + size > MOST_BYTES
                        || underWay.getFirst().done().isDone())) {
            awaitFirst();
        }
        Future<?> done =
                threads.submit(() -> {
                    write.run();
                    return null;
                });
        underWay.add(new Begun(done, size));
        bytes += size;
    }

    /** Waits for all that was begun. */
    void await() throws IOException {
        while (!underWay.isEmpty()) {
            awaitFirst();
        }
    }

    private void awaitFirst() throws IOException {
        // Stays the first when it failed: whoever asks again is told again.
        Begun first = underWay.getFirst();
        try {
            first.done().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a file was written", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException unforeseen -> throw unforeseen;
                case Error error -> throw error;
                case null, default -> throw new IOException(e.getCause());
            }
        }
        underWay.remove();
        bytes -= first.bytes();
    }
}
