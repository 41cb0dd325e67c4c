package atlas.policy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The policy file in force. Thread-safe: a decision sees the old one or the new one, never a part
 * of both.
 */
public final class Policies {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Rulebook current = Rulebook.NONE;

    /** None is in force yet. */
    public Policies() {}

    /** The one in force; {@link Rulebook#NONE} until one is put. */
    public Rulebook current() {
        return current;
    }

    /** Puts another into force, at once and for every decision from now on. */
    public void put(Rulebook next) {
        current = next;
        changed();
    }

    /** Tells the listeners that what the policies ask about is another than before. */
    public void changed() {
        listeners.forEach(Runnable::run);
    }

    /** Runs {@code listener} after every change; it must not block and does not throw. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }
}
