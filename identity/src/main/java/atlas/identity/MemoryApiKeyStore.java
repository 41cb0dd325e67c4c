package atlas.identity;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keys in memory: for tests, and as the fast face of a durable store, loaded from its tables. */
public final class MemoryApiKeyStore implements ApiKeyStore {
    private final ConcurrentHashMap<String, ApiKey> keys = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();

    public MemoryApiKeyStore() {}

    /** Starts with these keys. */
    public MemoryApiKeyStore(Collection<ApiKey> start) {
        start.forEach(key -> keys.put(key.id(), key));
    }

    @Override
    public void put(ApiKey key) {
        keys.put(key.id(), key);
        listeners.forEach(Runnable::run);
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public Optional<ApiKey> find(String id) {
        return Optional.ofNullable(keys.get(id));
    }

    @Override
    public List<ApiKey> all() {
        return keys.values().stream()
                .sorted(Comparator.comparing(ApiKey::issued).thenComparing(ApiKey::id))
                .toList();
    }

    @Override
    public void touched(String id, Instant when) {
        keys.computeIfPresent(
                id,
                (_, key) ->
                        key.lastUsed().isPresent() && !key.lastUsed().get().isBefore(when)
                                ? key
                                : key.usedAt(when));
    }
}
