package atlas.watch;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The values one label may take: the first so many that come, and {@code other} for the rest. */
final class Labels {
    static final String OTHER = "other";

    private final ConcurrentHashMap<String, Boolean> known = new ConcurrentHashMap<>();
    private final AtomicInteger left;

    Labels(int limit) {
        left = new AtomicInteger(limit);
    }

    String bounded(String value) {
        if (known.containsKey(value)) {
            return value;
        }
        if (left.get() <= 0 || left.getAndDecrement() <= 0) {
            return OTHER;
        }
        known.put(value, Boolean.TRUE);
        return value;
    }
}
