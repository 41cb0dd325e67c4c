package atlas.node.engine.embedded;

import atlas.node.engine.EngineException;
import atlas.node.engine.EngineRefusal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One thread that reads one token of every running answer in each pass, and fills the rest of the
 * pass with new prompts in equal shares, so that nobody waits for somebody else's long prompt.
 * Requests wait in order in a bounded queue.
 */
final class Scheduler implements AutoCloseable {
    private final LlamaModel model;
    private final int maxStreams;
    private final int maxWaiting;
    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by lock.
    private final Deque<Task> waiting = new ArrayDeque<>();
    private boolean closed;
    // Written by the decode thread only.
    private final List<Task> active = new ArrayList<>();
    private volatile int activeCount;
    private volatile boolean broken;
    private volatile @Nullable Thread thread;

    Scheduler(LlamaModel model, int maxStreams, int maxWaiting, String name) {
        this.model = model;
        this.maxStreams = Math.min(maxStreams, LlamaModel.MAX_BATCH);
        this.maxWaiting = maxWaiting;
        this.name = name;
    }

    /** Starts the thread, which warms up until the first request comes. */
    void start(WarmUp warmUp) {
        thread = Thread.ofPlatform().daemon().name("engine " + name).start(() -> run(warmUp));
    }

    /** Queues a task. */
    void submit(Task task) throws EngineRefusal {
        lock.lock();
        try {
            if (closed || broken) {
                throw new EngineRefusal(EngineRefusal.Kind.CLOSED, "the engine is closing");
            }
            int free = Math.max(0, maxStreams - activeCount);
            if (waiting.size() >= maxWaiting + free) {
                throw new EngineRefusal(
                        EngineRefusal.Kind.BUSY, "the engine has no free place, try again later");
            }
            waiting.add(task);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    int active() {
        return activeCount;
    }

    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    boolean alive() {
        Thread decoding = thread;
        return decoding != null && decoding.isAlive() && !broken;
    }

    private void run(WarmUp warmUp) {
        try {
            while (idle() && warmUp.pass()) {
                continue;
            }
            while (admit()) {
                drop();
                if (!active.isEmpty()) {
                    pass();
                }
                activeCount = active.size();
            }
            endAll(Task::stop);
        } catch (RuntimeException | Error e) {
            broken = true;
            EngineException fault = new EngineException("the embedded engine failed", e);
            endAll(task -> task.fail(fault));
        } finally {
            model.wipe();
        }
    }

    private boolean idle() {
        lock.lock();
        try {
            return !closed && waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Fills free places; waits while there is nothing to do. False when it is time to end. */
    private boolean admit() {
        lock.lock();
        try {
            while (!closed && active.isEmpty() && waiting.isEmpty()) {
                changed.awaitUninterruptibly();
            }
            while (active.size() < maxStreams && !waiting.isEmpty()) {
                active.add(waiting.remove());
            }
            activeCount = active.size();
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void drop() {
        for (Iterator<Task> tasks = active.iterator(); tasks.hasNext(); ) {
            Task task = tasks.next();
            if (task.cancelled()) {
                tasks.remove();
                task.stop();
            }
        }
    }

    private void pass() {
        List<LlamaModel.Row> batch = new ArrayList<>();
        int[] counts = new int[active.size()];
        int room = LlamaModel.MAX_BATCH - active.size();
        int share = room / active.size();
        for (int i = 0; i < counts.length; i++) {
            counts[i] = Math.min(active.get(i).due(), 1 + share);
            active.get(i).contribute(batch, counts[i]);
        }
        int[] at = model.read(batch.toArray(LlamaModel.Row[]::new));
        int first = 0;
        List<Task> going = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            if (!active.get(i).advance(model, first, counts[i], at)) {
                going.add(active.get(i));
            }
            first += counts[i];
        }
        active.clear();
        active.addAll(going);
    }

    private void endAll(java.util.function.Consumer<Task> end) {
        List<Task> left = new ArrayList<>(active);
        lock.lock();
        try {
            closed = true;
            left.addAll(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        active.clear();
        activeCount = 0;
        left.forEach(end);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        Thread decoding = thread;
        try {
            if (decoding != null) {
                decoding.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException("interrupted while the engine was closing", e);
        }
    }
}
