package atlas.watch.behaviour;

/**
 * The values of one trait that a principal is known by, each with when it was first and last seen.
 * The least established gives way. Hashes and seconds, no text; not thread-safe.
 */
final class Known {
    private static final int WIDTH = 3;
    private static final int FIRST = 1;
    private static final int LAST = 2;

    // Hash, first and last second, one value after the other.
    private final int[] rows;
    private int size;

    Known(int limit) {
        rows = new int[WIDTH * limit];
    }

    boolean has(int hash) {
        return find(hash) >= 0;
    }

    /** How many were first seen at or after a second. */
    int freshSince(long second) {
        int fresh = 0;
        for (int i = 0; i < size; i++) {
            if (rows[WIDTH * i + FIRST] >= second) {
                fresh++;
            }
        }
        return fresh;
    }

    /**
     * When the earliest of those first seen at or after a second was seen; else the end of time.
     */
    long earliestSince(long second) {
        long earliest = Long.MAX_VALUE;
        for (int i = 0; i < size; i++) {
            if (rows[WIDTH * i + FIRST] >= second) {
                earliest = Math.min(earliest, rows[WIDTH * i + FIRST]);
            }
        }
        return earliest;
    }

    /** Whether a value is known and was first seen at or after a second. */
    boolean fresh(int hash, long second) {
        int at = find(hash);
        return at >= 0 && rows[WIDTH * at + FIRST] >= second;
    }

    /** When a value was last seen; the end of time when it is not known. */
    long lastSeen(int hash) {
        int at = find(hash);
        return at < 0 ? Long.MAX_VALUE : rows[WIDTH * at + LAST];
    }

    void see(int hash, long second) {
        int at = find(hash);
        if (at < 0) {
            at = WIDTH * size < rows.length ? size++ : leastEstablished(second);
            rows[WIDTH * at] = hash;
            rows[WIDTH * at + FIRST] = (int) second;
        }
        rows[WIDTH * at + LAST] = (int) second;
    }

    private int find(int hash) {
        for (int i = 0; i < size; i++) {
            if (rows[WIDTH * i] == hash) {
                return i;
            }
        }
        return -1;
    }

    // What was used for long stays while strangers come and go, until it is unused for longer.
    private int leastEstablished(long second) {
        int least = 0;
        long worth = Long.MAX_VALUE;
        for (int i = 0; i < size; i++) {
            long used = rows[WIDTH * i + LAST] - rows[WIDTH * i + FIRST];
            long unused = second - rows[WIDTH * i + LAST];
            if (used - unused < worth) {
                worth = used - unused;
                least = i;
            }
        }
        return least;
    }
}
