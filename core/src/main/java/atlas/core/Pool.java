package atlas.core;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * A few spare things that are dear to make and cheap to use again, for code that runs on more
 * threads than it is worth keeping one for each. Lends a new one when there is no spare and lets go
 * of what there is no room for; never blocks. Thread-safe. What is given back must hold nothing of
 * its last use; what is not given back is lost and nothing else.
 */
public final class Pool<T> {
    private static final int SPARES = 16;

    private final AtomicReferenceArray<T> spares = new AtomicReferenceArray<>(SPARES);
    private final Supplier<T> make;

    /** A pool of what {@code make} makes. */
    public Pool(Supplier<T> make) {
        this.make = make;
    }

    /** One to use alone until it is given back. */
    public T take() {
        for (int i = 0; i < SPARES; i++) {
            T spare = spares.get(i);
            if (spare != null && spares.compareAndSet(i, spare, null)) {
                return spare;
            }
        }
        return make.get();
    }

    /** Gives one back; the giver has no further use for it. */
    public void give(T used) {
        for (int i = 0; i < SPARES; i++) {
            if (spares.get(i) == null && spares.compareAndSet(i, null, used)) {
                return;
            }
        }
    }
}
