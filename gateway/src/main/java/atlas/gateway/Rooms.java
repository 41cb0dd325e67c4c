package atlas.gateway;

import atlas.core.AuditLog;
import atlas.guard.Inspection;
import atlas.guard.OutputFilter;
import atlas.guard.PromptPart;
import atlas.identity.Authentication;
import atlas.identity.Presented;
import atlas.policy.PolicyDecisionPoint;
import atlas.registry.Admission;
import atlas.registry.ModelVersion;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;

/** The rooms as a journey sees them: one question each. {@link GatewayProcess} fills it in. */
record Rooms(
        Function<Presented, Authentication> identity,
        PolicyDecisionPoint policy,
        Models registry,
        Function<List<PromptPart>, Inspection> guard,
        Function<List<String>, OutputFilter.Session> filter,
        AuditLog journal,
        Clock clock) {

    /** What the gateway asks of the registry. */
    interface Models {
        Admission admit(String name);

        List<ModelVersion> list();
    }
}
