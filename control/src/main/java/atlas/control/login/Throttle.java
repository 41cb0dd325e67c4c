package atlas.control.login;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How often a source may do something in a minute, and all sources together. Bounded memory: once
 * too many sources are known, new ones share what is left for all. Thread-safe.
 */
public final class Throttle {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MAX_SOURCES = 10_000;

    private final int perSource;
    private final int inAll;
    private final Clock clock;
    private final Map<String, Integer> taken = new HashMap<>(); // guarded by this
    private Instant start;
    private int all;

    public Throttle(int perSource, int inAll, Clock clock) {
        this.perSource = perSource;
        this.inAll = inAll;
        this.clock = clock;
        this.start = clock.instant();
    }

    /** Takes one turn; false when the source, or everybody, has had enough for this minute. */
    public synchronized boolean take(String source) {
        roll();
        if (spent(source)) {
            return false;
        }
        String key = key(source);
        if (taken.containsKey(key) || taken.size() < MAX_SOURCES) {
            taken.merge(key, 1, Integer::sum);
        }
        all++;
        return true;
    }

    /** Whether a source has no turn left. */
    public synchronized boolean spent(String source) {
        roll();
        return all >= inAll || taken.getOrDefault(key(source), 0) >= perSource;
    }

    // An IPv6 subscriber has a whole /64; so it is that which is counted.
    private static String key(String source) {
        if (source.indexOf(':') < 0) {
            return source;
        }
        try {
            byte[] address = java.net.InetAddress.ofLiteral(source).getAddress();
            return address.length == 16
                    ? java.util.HexFormat.of().formatHex(address, 0, 8)
                    : source;
        } catch (IllegalArgumentException e) {
            return source;
        }
    }

    private void roll() {
        Instant now = clock.instant();
        if (!now.isBefore(start.plus(WINDOW)) || now.isBefore(start)) {
            taken.clear();
            all = 0;
            start = now;
        }
    }
}
