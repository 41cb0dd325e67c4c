package atlas.core.crypto;

import atlas.core.Digest;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Verdicts by the digest of what was judged, bounded in number and in what they hold together: who
 * may make long tokens must not be able to fill the memory with them. The one not used for longest
 * goes first. Thread-safe.
 *
 * @param <V> a verdict
 */
public final class Remembered<V> {
    /** About what a short token holds, with the objects around it. */
    private static final long USUAL_BYTES = 4096;

    private static final long OVERHEAD = 1024;

    /** A token is held as text, and as the claims that were read from it. */
    private static final int TIMES = 4;

    private final int most;
    private final long mostBytes;
    private final Map<Digest, Held<V>> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    private record Held<V>(V verdict, long bytes) {}

    /** At most so many, and together no more than as many of the usual length hold. */
    public Remembered(int most) {
        this.most = most;
        this.mostBytes = most * USUAL_BYTES;
    }

    public synchronized @Nullable V find(Digest of) {
        Held<V> held = entries.get(of);
        return held == null ? null : held.verdict;
    }

    /** Remembers what was judged; {@code length} is how long the text of it was. */
    public synchronized void put(Digest of, V verdict, int length) {
        remove(of);
        Held<V> held = new Held<>(verdict, OVERHEAD + (long) length * TIMES);
        entries.put(of, held);
        bytes += held.bytes;
        Iterator<Held<V>> eldest = entries.values().iterator();
        while (entries.size() > most || bytes > mostBytes) {
            bytes -= eldest.next().bytes;
            eldest.remove();
        }
    }

    public synchronized void remove(Digest of) {
        Held<V> gone = entries.remove(of);
        if (gone != null) {
            bytes -= gone.bytes;
        }
    }

    public synchronized int size() {
        return entries.size();
    }
}
