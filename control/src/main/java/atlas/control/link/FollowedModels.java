package atlas.control.link;

import atlas.control.wire.LinkException;
import atlas.registry.Admission;
import atlas.registry.ModelVersion;
import atlas.registry.RegistryException;
import atlas.registry.ServingModels;
import atlas.registry.TrustedSigners;
import java.time.Clock;
import java.util.List;

/** What may serve, as the control plane said last. Thread-safe; never blocks. */
public final class FollowedModels implements ServingModels {
    private final FollowedState followed;
    private final Clock clock;

    public FollowedModels(FollowedState followed, Clock clock) {
        this.followed = followed;
        this.clock = clock;
    }

    @Override
    public Admission admit(String name) {
        return state().models().admit(name, clock.instant());
    }

    @Override
    public List<ModelVersion> list() {
        return state().models().list();
    }

    /** Whose signatures count. */
    public TrustedSigners signers() {
        return state().signers();
    }

    @Override
    public void onChange(Runnable listener) {
        followed.onChange(listener);
    }

    private State state() {
        try {
            return followed.state();
        } catch (LinkException e) {
            throw new RegistryException(String.valueOf(e.getMessage()), e);
        }
    }
}
