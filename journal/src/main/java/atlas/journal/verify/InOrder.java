package atlas.journal.verify;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Does the same to one number after the other, several at once, and hands the results on in order:
 * what is found first is what comes first. A few results wait at most, whatever the count.
 */
final class InOrder {
    private InOrder() {}

    /** What is done to a number; many at once. */
    interface Task<T> {
        T run(long number) throws IOException, BrokenException;
    }

    /** What takes the results, one after the other. */
    interface Sink<T> {
        void take(long number, T result) throws IOException, BrokenException;
    }

    static <T> void run(long count, int workers, Task<T> task, Sink<T> sink)
            throws IOException, BrokenException {
        ExecutorService pool =
                Executors.newFixedThreadPool(
                        workers,
                        Thread.ofPlatform().daemon(true).name("journal-verify-", 0).factory());
        try {
            ArrayDeque<Future<T>> ahead = new ArrayDeque<>();
            long next = 0;
            for (long taken = 0; taken < count; taken++) {
                while (next < count && ahead.size() < workers + 2) {
                    long number = next++;
                    ahead.add(pool.submit(() -> task.run(number)));
                }
                sink.take(taken, result(ahead.remove()));
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static <T> T result(Future<T> future) throws IOException, BrokenException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the journal was checked", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case BrokenException broken -> throw broken;
                case IOException unreadable -> throw unreadable;
                case RuntimeException unforeseen -> throw unforeseen;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
