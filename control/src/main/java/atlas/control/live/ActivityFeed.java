package atlas.control.live;

import atlas.journal.Appended;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Fans journal entries out to watchers.
 *
 * <p>Each watcher has a queue of its own; one that does not keep up is cut off, and told so. {@link
 * #accept} never blocks. Thread-safe.
 */
public final class ActivityFeed implements AutoCloseable {
    /** Watchers at one time; more are refused. */
    public static final int MAX_WATCHERS = 64;

    static final int QUEUE = 512;
    private static final int REMEMBERED = 200;

    private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
    // Texts are taken out at once; putting into words waits until somebody watches.
    private final Deque<Appended> recent = new ArrayDeque<>();
    private volatile boolean closed;

    /** Takes one entry in; called by the journal in order. */
    public void accept(Appended appended) {
        Appended bare =
                new Appended(
                        appended.index(), Activity.withoutText(appended.event()), appended.when());
        synchronized (recent) {
            recent.addLast(bare);
            if (recent.size() > REMEMBERED) {
                recent.removeFirst();
            }
            if (!watchers.isEmpty()) {
                Activity activity = Activity.of(bare);
                for (Watcher watcher : watchers) {
                    watcher.offer(activity);
                }
            }
        }
    }

    /** Joins, beginning with what happened last; empty when there are too many watchers. */
    public Optional<Watcher> join() {
        synchronized (recent) {
            if (closed || watchers.size() >= MAX_WATCHERS) {
                return Optional.empty();
            }
            Watcher watcher = new Watcher(List.copyOf(recent));
            watchers.add(watcher);
            return Optional.of(watcher);
        }
    }

    /** How many are watching. */
    public int size() {
        return watchers.size();
    }

    @Override
    public void close() {
        closed = true;
        watchers.forEach(Watcher::close);
    }

    /** One who watches. */
    public final class Watcher implements AutoCloseable {
        private final List<Appended> before;
        private final BlockingQueue<Activity> queue = new ArrayBlockingQueue<>(QUEUE);
        private volatile boolean cutOff;
        private volatile boolean left;

        private Watcher(List<Appended> before) {
            this.before = before;
        }

        /** What happened before joining, oldest first. */
        public List<Activity> before() {
            return before.stream().map(Activity::of).toList();
        }

        private void offer(Activity activity) {
            if (!cutOff && !queue.offer(activity)) {
                cutOff = true;
                watchers.remove(this);
            }
        }

        /** The next entry; empty when there was none for that long. */
        public Optional<Activity> next(long patience, TimeUnit unit) throws InterruptedException {
            return Optional.ofNullable(queue.poll(patience, unit));
        }

        /** Whether this watcher was too slow and hears nothing more. */
        public boolean cutOff() {
            return cutOff;
        }

        /** Whether the watcher or the feed has ended. */
        public boolean left() {
            return left;
        }

        @Override
        public void close() {
            left = true;
            watchers.remove(this);
        }
    }
}
