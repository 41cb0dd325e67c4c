package atlas.control.login;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * How often a source may do something in a minute, and all sources together. Bounded memory: once
 * too many sources are known, the others share turns with those that a secret number puts them
 * beside. Thread-safe.
 */
public final class Throttle {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MAX_SOURCES = 10_000;
    private static final int SHARED = 1 << 12;

    private final int perSource;
    private final int inAll;
    private final Clock clock;
    private final Map<String, Integer> taken = new HashMap<>(); // guarded by this
    private final int[] shared = new int[SHARED]; // guarded by this
    private final int seed = new SecureRandom().nextInt();
    private Instant start;
    private int all;

    public Throttle(int perSource, int inAll, Clock clock) {
        this.perSource = perSource;
        this.inAll = inAll;
        this.clock = clock;
        this.start = clock.instant();
    }

    /**
     * Without a limit for all sources together, which any of them could use up: where everybody
     * else would be kept from what only they can do.
     */
    public static Throttle bySource(int perSource, Clock clock) {
        return new Throttle(perSource, Integer.MAX_VALUE, clock);
    }

    /** Takes one turn; false when the source, or everybody, has had enough for this minute. */
    public synchronized boolean take(String source) {
        roll();
        if (spent(source)) {
            return false;
        }
        String key = key(source);
        if (has(key)) {
            taken.merge(key, 1, Integer::sum);
        } else {
            shared[place(key)]++;
        }
        all++;
        return true;
    }

    private boolean has(String key) {
        return taken.containsKey(key) || taken.size() < MAX_SOURCES;
    }

    private int place(String key) {
        int mixed = (key.hashCode() ^ seed) * 0x9E37_79B1;
        return (mixed >>> 16) % SHARED;
    }

    /** Whether a source has no turn left. */
    public synchronized boolean spent(String source) {
        roll();
        String key = key(source);
        int had = has(key) ? taken.getOrDefault(key, 0) : shared[place(key)];
        return all >= inAll || had >= perSource;
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
            Arrays.fill(shared, 0);
            all = 0;
            start = now;
        }
    }
}
