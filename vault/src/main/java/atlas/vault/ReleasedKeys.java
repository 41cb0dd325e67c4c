package atlas.vault;

import atlas.core.crypto.KeyUnavailableException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Keys in memory. Once shut it holds none and takes none until opened again, and says why to
 * whoever asks, without asking the holder of the KEK each time. Reading takes no lock. Thread-safe.
 */
final class ReleasedKeys {
    private final Map<String, SecretKeySpec> keys = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable String shut;

    @Nullable SecretKeySpec get(String name) {
        return keys.get(name);
    }

    /**
     * Keeps a key.
     *
     * @throws KeyUnavailableException when shut
     */
    synchronized void put(String name, SecretKeySpec key) {
        requireOpen();
        keys.put(name, key);
    }

    void requireOpen() {
        String why = shut;
        if (why != null) {
            throw new KeyUnavailableException(why, null);
        }
    }

    /** Why there are none; empty when there may be some. */
    Optional<String> shutBecause() {
        return Optional.ofNullable(shut);
    }

    /** Told after everything was forgotten. */
    void onForgotten(Runnable listener) {
        listeners.add(listener);
    }

    /** Forgets everything and takes nothing until opened; says whether it was open. */
    boolean shut(String why) {
        boolean first;
        synchronized (this) {
            first = shut == null;
            shut = why;
            keys.clear();
        }
        listeners.forEach(Runnable::run);
        return first;
    }

    /** Takes keys again; gives why it was shut, if it was. */
    synchronized Optional<String> open() {
        Optional<String> was = Optional.ofNullable(shut);
        shut = null;
        return was;
    }
}
