package atlas.identity.spending;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Spending in memory: for tests, and where a restart may begin anew. */
public final class MemorySpendingStore implements SpendingStore {
    private final ConcurrentHashMap<String, Spent> spent = new ConcurrentHashMap<>();

    public MemorySpendingStore() {}

    @Override
    public Optional<Spent> find(String keyId) {
        return Optional.ofNullable(spent.get(keyId));
    }

    @Override
    public void put(String keyId, Spent now) {
        spent.put(keyId, now);
    }
}
