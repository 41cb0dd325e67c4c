package atlas.policy;

import atlas.core.Glob;
import atlas.core.Role;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Grants in memory: for tests, and as the snapshot a durable store keeps in front of its tables
 * (load it with what the tables hold, write to the tables first, then here).
 */
public final class MemoryGrantStore implements GrantStore {
    private record Key(String principal, Role role) {}

    private record Snapshot(long version, Map<Key, Grant> grants) {}

    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Snapshot snapshot = new Snapshot(0, Map.of());

    public MemoryGrantStore() {}

    /** Starts with these grants, as they are: they were checked when they were stored. */
    public MemoryGrantStore(Collection<Grant> grants) {
        Map<Key, Grant> start = new LinkedHashMap<>();
        grants.forEach(g -> start.put(new Key(g.principal(), g.role()), g));
        snapshot = new Snapshot(0, start);
    }

    @Override
    public List<Grant> of(String principal) {
        return snapshot.grants.values().stream()
                .filter(g ->
                        g.principal().equals(principal)
                                || (g.isPattern() && new Glob(g.principal()).matches(principal)))
                .toList();
    }

    @Override
    public List<Grant> all() {
        return List.copyOf(snapshot.grants.values());
    }

    @Override
    public synchronized void put(Grant grant) {
        SeparationOfDuties.check(grant, snapshot.grants.values());
        Map<Key, Grant> next = new LinkedHashMap<>(snapshot.grants);
        next.put(new Key(grant.principal(), grant.role()), grant);
        publish(next);
    }

    @Override
    public synchronized boolean remove(String principal, Role role) {
        Map<Key, Grant> next = new LinkedHashMap<>(snapshot.grants);
        if (next.remove(new Key(principal, role)) == null) {
            return false;
        }
        publish(next);
        return true;
    }

    @Override
    public OptionalLong version() {
        return OptionalLong.of(snapshot.version);
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private void publish(Map<Key, Grant> next) {
        snapshot = new Snapshot(snapshot.version + 1, next);
        listeners.forEach(Runnable::run);
    }
}
