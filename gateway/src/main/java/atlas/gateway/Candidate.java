package atlas.gateway;

import atlas.policy.Circumstances.ModelFacts;
import atlas.policy.Decision.Permit;
import atlas.registry.Admission;
import atlas.registry.Admission.Admitted;
import atlas.registry.Admission.NotAdmitted;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The model that a name means during one request. The registry is asked once: the version that
 * policy looked at is the version that serves. Of one thread.
 */
final class Candidate {
    private final Rooms.Models registry;
    private final Served.@Nullable Remote engine;
    private final String name;
    private @Nullable Admission admission;

    /**
     * @param engine the remote engine that serves this name when the registry admits nothing
     */
    Candidate(Rooms.Models registry, Served.@Nullable Remote engine, String name) {
        this.registry = registry;
        this.engine = engine;
        this.name = name;
    }

    /** What policy may know of it; nothing when nothing of this name may serve. */
    Optional<ModelFacts> facts() {
        return switch (admission()) {
            case Admitted admitted -> Optional.of(facts(new Served.Verified(admitted)));
            case NotAdmitted _ -> Optional.ofNullable(engine).map(Candidate::facts);
        };
    }

    /** The model, for whoever may use it. */
    Served served(Permit permit) throws Refused {
        if (!permit.resource().name().equals(name)) {
            throw new IllegalArgumentException("the permit is for another model");
        }
        return switch (admission()) {
            case Admitted admitted -> new Served.Verified(admitted);
            case NotAdmitted _ when engine != null -> engine;
            case NotAdmitted(String reason) -> throw new Refused(Refusal.MODEL_NOT_FOUND, reason);
        };
    }

    private Admission admission() {
        Admission known = admission;
        if (known == null) {
            known = registry.admit(name);
            admission = known;
        }
        return known;
    }

    private static ModelFacts facts(Served model) {
        var identity = model.identity();
        return new ModelFacts(identity.ref().version(), identity.signer());
    }
}
