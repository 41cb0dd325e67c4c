package atlas.vectors;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which stores are open, and how much they take together. Whoever was used longest ago is closed
 * when there is too much. Thread-safe.
 */
final class Memory {
    private final long most;
    private final Map<VectorStore, Long> open = new LinkedHashMap<>(16, 0.75f, true);

    Memory(long most) {
        this.most = most;
    }

    long most() {
        return most;
    }

    /** A store was used and takes this much; others may be closed for it. */
    void used(VectorStore store, long bytes) {
        List<VectorStore> closing = new ArrayList<>();
        synchronized (this) {
            open.put(store, bytes);
            long total = total();
            Iterator<Map.Entry<VectorStore, Long>> eldest = open.entrySet().iterator();
            while (total > most && eldest.hasNext()) {
                Map.Entry<VectorStore, Long> entry = eldest.next();
                if (entry.getKey() != store) {
                    total -= entry.getValue();
                    closing.add(entry.getKey());
                    eldest.remove();
                }
            }
        }
        closing.forEach(VectorStore::unload);
    }

    synchronized void gone(VectorStore store) {
        open.remove(store);
    }

    /** Bytes of everything that is open. */
    synchronized long total() {
        long total = 0;
        for (long bytes : open.values()) {
            total += bytes;
        }
        return total;
    }
}
