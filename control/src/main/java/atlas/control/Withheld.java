package atlas.control;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something opened with keys that may be taken back: kept in memory until it is forgotten, and
 * opened anew when asked for after that, which fails as long as the keys are away. Thread-safe.
 */
final class Withheld<T> implements Supplier<T> {
    private final Supplier<T> open;

    /** Guarded by this, so that nothing opened before it was forgotten is kept after. */
    private @Nullable T held;

    Withheld(Supplier<T> open) {
        this.open = open;
    }

    @Override
    public synchronized T get() {
        T now = held;
        if (now == null) {
            now = open.get();
            held = now;
        }
        return now;
    }

    synchronized void forget() {
        held = null;
    }
}
