package atlas.control.api;

import atlas.control.live.Activity;
import atlas.control.live.ActivityFeed;
import atlas.journal.Journal;
import atlas.journal.JournalEntry;
import atlas.runtime.http.BodyWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One stream of live activity: entries in order and without a gap, from the feed while it keeps up
 * and from the log where it does not. Runs on the virtual thread of its call.
 */
final class LiveStream implements AutoCloseable {
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    /** How long a watcher may go on that may no more; what is revoked ends within a second. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private static final int PAGE = 200;
    private static final long AS_IT_COMES = -1;

    private final Journal journal;
    private final ActivityFeed feed;
    private final BodyWriter out;
    private final Optional<String> kind;
    private final BooleanSupplier permitted;
    private ActivityFeed.Watcher watcher;

    /** The next entry to look at; any, as long as nothing was said yet. */
    private long next = AS_IT_COMES;

    /** Which entries, and whether that may go on. */
    record Wanted(Optional<String> kind, BooleanSupplier permitted) {}

    /** Owns the watcher, and those it joins with later. */
    LiveStream(
            Journal journal,
            ActivityFeed feed,
            ActivityFeed.Watcher watcher,
            Wanted wanted,
            BodyWriter out) {
        this.journal = journal;
        this.feed = feed;
        this.watcher = watcher;
        this.out = out;
        this.kind = wanted.kind();
        this.permitted = wanted.permitted();
    }

    /** Begins with what happened last. */
    void begin() throws IOException {
        write(": live activity\n\n");
        catchUp();
    }

    /** Begins with this entry of the log. */
    void resume(long first, long asked) throws IOException {
        write(": live activity\n\n");
        next = asked;
        gap(first);
        next = first;
        // First from the log: what the feed remembers may begin later.
        fill(journal.size());
        catchUp();
    }

    private void catchUp() throws IOException {
        for (Activity activity : watcher.before()) {
            take(activity);
        }
        out.flush();
    }

    /** Goes on until the watcher or the feed leaves, or the credential ends. */
    void follow() throws IOException, InterruptedException {
        int quiet = 0;
        while (!watcher.left()) {
            Optional<Activity> activity = watcher.next(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            // What lets a watcher in is asked about as long as it watches.
            if (!permitted.getAsBoolean()) {
                write("event: ended\ndata: {\"reason\":\"the credential has ended\"}\n\n");
                return;
            }
            if (activity.isPresent()) {
                quiet = take(activity.get()) ? 0 : quiet;
            } else if (watcher.cutOff()) {
                Optional<ActivityFeed.Watcher> again = feed.join();
                if (again.isEmpty()) {
                    write(
                            "event: dropped\ndata: {\"reason\":\"too slow, and too many are"
                                    + " watching; connect again\"}\n\n");
                    return;
                }
                watcher = again.get();
                catchUp();
            } else if (++quiet >= HEARTBEAT.dividedBy(LOOK)) {
                write(": still here\n\n");
                quiet = 0;
            }
            out.flush();
        }
    }

    /** Sends an entry unless it was; what is missing before it comes from the log. */
    private boolean take(Activity activity) throws IOException {
        if (next == AS_IT_COMES) {
            next = activity.index();
        }
        if (activity.index() < next) {
            return false;
        }
        fill(activity.index());
        next = activity.index() + 1;
        if (!wanted(activity.kind())) {
            return false;
        }
        write(event(activity));
        return true;
    }

    /** Sends everything before {@code end} that was not sent, from the log. */
    private void fill(long end) throws IOException {
        while (next < end && permitted.getAsBoolean()) {
            for (JournalEntry entry : journal.entries(next, (int) Math.min(PAGE, end - next))) {
                gap(entry.index());
                next = entry.index() + 1;
                if (wanted(entry.kind())) {
                    write(event(Activity.of(entry)));
                }
            }
        }
    }

    /** Says what is left out: what the reader may not see any more, or retention removed. */
    private void gap(long until) throws IOException {
        if (until > next) {
            write("event: gap\ndata: {\"from\":" + next + ",\"until\":" + until + "}\n\n");
        }
    }

    private boolean wanted(String found) {
        return kind.isEmpty() || kind.get().equals(found);
    }

    private static String event(Activity activity) {
        return "id: "
                + activity.index()
                + "\nevent: "
                + activity.kind()
                + "\ndata: "
                + activity.json()
                + "\n\n";
    }

    @Override
    public void close() {
        watcher.close();
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
