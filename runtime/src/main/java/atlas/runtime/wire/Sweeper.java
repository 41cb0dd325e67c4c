package atlas.runtime.wire;

import io.netty.util.concurrent.EventExecutor;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Looks at every connection of one loop a few times a second, so that time limits cost nothing per
 * request. Confined to its loop.
 */
final class Sweeper {
    private static final long PERIOD_MILLIS = 100;
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /** Something with time limits of its own. */
    interface Swept {
        /** Called on the loop; {@code now} is {@link System#nanoTime}. */
        void sweep(long now);

        /** Where this stands in the sweeper's list; kept by the sweeper. */
        int place();

        void place(int place);
    }

    private final EventExecutor loop;
    private final List<Swept> swept = new ArrayList<>();
    private boolean started;
    private long dateSecond = Long.MIN_VALUE;
    private String date = "";

    Sweeper(EventExecutor loop) {
        this.loop = loop;
    }

    void add(Swept connection) {
        connection.place(swept.size());
        swept.add(connection);
        if (!started) {
            started = true;
            var unused =
                    loop.scheduleWithFixedDelay(
                            this::sweep, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    void remove(Swept connection) {
        int place = connection.place();
        if (place < 0) {
            return;
        }
        Swept last = swept.removeLast();
        if (!last.equals(connection)) {
            swept.set(place, last);
            last.place(place);
        }
        connection.place(-1);
    }

    private void sweep() {
        long now = System.nanoTime();
        // Backwards: a connection that removes itself only moves one already seen.
        for (int i = swept.size() - 1; i >= 0; i--) {
            if (i < swept.size()) {
                swept.get(i).sweep(now);
            }
        }
    }

    /** The {@code date} field's value, made at most once a second. */
    String date() {
        long second = System.currentTimeMillis() / 1000;
        if (second != dateSecond) {
            dateSecond = second;
            date = HTTP_DATE.format(Instant.ofEpochSecond(second));
        }
        return date;
    }
}
