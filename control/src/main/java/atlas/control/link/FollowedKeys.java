package atlas.control.link;

import atlas.control.wire.LinkException;
import atlas.core.Sensitive;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeyStore;
import atlas.identity.StoreUnavailableException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * API keys as the control plane said last. Only the control plane changes them; that they were used
 * is noted and told to it. Thread-safe; never blocks.
 */
public final class FollowedKeys implements ApiKeyStore {
    private final FollowedState followed;
    private final ConcurrentHashMap<String, Instant> used = new ConcurrentHashMap<>();
    private volatile @Nullable Indexed indexed;

    private record Indexed(State state, Map<String, ApiKey> byId) {}

    public FollowedKeys(FollowedState followed) {
        this.followed = followed;
    }

    private Indexed index() {
        State state;
        try {
            state = followed.state();
        } catch (LinkException e) {
            throw new StoreUnavailableException(String.valueOf(e.getMessage()), e);
        }
        Indexed there = indexed;
        if (there == null || !sameObject(there.state, state)) {
            Map<String, ApiKey> byId = new HashMap<>();
            state.access().orElseThrow().keys().forEach(key -> byId.put(key.id(), key));
            there = new Indexed(state, byId);
            indexed = there;
        }
        return there;
    }

    @SuppressWarnings("ReferenceEquality") // states are many and large; one object is one state
    static boolean sameObject(State a, State b) {
        return a == b;
    }

    /** What key hashes are keyed with. */
    public Sensitive<byte[]> pepper() {
        return index().state.access().orElseThrow().pepper();
    }

    @Override
    public void put(ApiKey key) {
        throw new UnsupportedOperationException("only the control plane changes keys");
    }

    @Override
    public Optional<ApiKey> find(String id) {
        return Optional.ofNullable(index().byId.get(id));
    }

    @Override
    public List<ApiKey> all() {
        return index().state.access().orElseThrow().keys();
    }

    @Override
    public void touched(String id, Instant when) {
        used.merge(id, when, (a, b) -> a.isAfter(b) ? a : b);
    }

    /** Uses noted since the last call. */
    public Map<String, Instant> takeUses() {
        Map<String, Instant> taken = new HashMap<>();
        for (String id : used.keySet()) {
            Instant when = used.remove(id);
            if (when != null) {
                taken.put(id, when);
            }
        }
        return taken;
    }

    @Override
    public void onChange(Runnable listener) {
        followed.onChange(listener);
    }
}
