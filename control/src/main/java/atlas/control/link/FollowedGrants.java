package atlas.control.link;

import atlas.control.wire.LinkException;
import atlas.core.Role;
import atlas.policy.Grant;
import atlas.policy.GrantStore;
import atlas.policy.MemoryGrantStore;
import atlas.policy.PolicyException;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Grants as the control plane said last; only it changes them. Thread-safe; never blocks. */
public final class FollowedGrants implements GrantStore {
    private final FollowedState followed;
    private volatile @Nullable Loaded loaded;
    private long count; // under the lock of this

    private record Loaded(State state, long number, MemoryGrantStore grants) {}

    public FollowedGrants(FollowedState followed) {
        this.followed = followed;
    }

    private Loaded load() {
        State state;
        try {
            state = followed.state();
        } catch (LinkException e) {
            throw new PolicyException(String.valueOf(e.getMessage()), e);
        }
        Loaded there = loaded;
        return there != null && FollowedKeys.sameObject(there.state, state) ? there : load(state);
    }

    private synchronized Loaded load(State state) {
        Loaded there = loaded;
        if (there == null || !FollowedKeys.sameObject(there.state, state)) {
            there =
                    new Loaded(
                            state,
                            ++count,
                            new MemoryGrantStore(state.access().orElseThrow().grants()));
            loaded = there;
        }
        return there;
    }

    @Override
    public List<Grant> of(String principal) {
        return load().grants.of(principal);
    }

    @Override
    public List<Grant> all() {
        return load().grants.all();
    }

    @Override
    public void put(Grant grant) {
        throw new UnsupportedOperationException("only the control plane grants");
    }

    @Override
    public boolean remove(String principal, Role role) {
        throw new UnsupportedOperationException("only the control plane revokes");
    }

    /** Throws when nothing can be told, so that no snapshot made of this outlives its bound. */
    @Override
    public OptionalLong version() {
        return OptionalLong.of(load().number);
    }

    @Override
    public void onChange(Runnable listener) {
        followed.onChange(listener);
    }
}
