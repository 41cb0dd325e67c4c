package atlas.runtime;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Owns the parts of a process and closes them in reverse order. A part that fails to close does not
 * keep the others open: the first failure is thrown at the end, the rest are attached to it.
 */
@SuppressWarnings("try") // any AutoCloseable may be owned, also one whose close can be interrupted
public final class Lifecycle implements AutoCloseable {
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private boolean closed;

    /** Owns nothing yet. */
    public Lifecycle() {}

    /** Takes ownership; after {@link #close} the part is closed at once and refused. */
    public synchronized <T extends AutoCloseable> T own(T part) {
        if (closed) {
            IllegalStateException late = new IllegalStateException("the process is closing");
            try {
                part.close();
            } catch (Exception e) {
                late.addSuppressed(e);
            }
            throw late;
        }
        parts.push(part);
        return part;
    }

    @Override
    public synchronized void close() {
        closed = true;
        IllegalStateException failure = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new IllegalStateException("a part did not close cleanly", e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
