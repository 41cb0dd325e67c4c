package atlas.gateway;

import atlas.core.AuditLog;
import atlas.guard.GuardSettings;
import atlas.guard.Inspection;
import atlas.guard.OutputFilter;
import atlas.guard.PromptPart;
import atlas.identity.Authentication;
import atlas.identity.KeyLimits;
import atlas.identity.Presented;
import atlas.identity.spending.Spending;
import atlas.policy.PolicyDecisionPoint;
import atlas.registry.Admission;
import atlas.registry.ModelVersion;
import atlas.runtime.LiveCalls;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The rooms as a journey sees them: one question each. {@link GatewayProcess} fills it in.
 *
 * @param live the requests under way, asked about again when something changes
 * @param spending what keys have used of what they may use
 */
record Rooms(
        Identity identity,
        PolicyDecisionPoint policy,
        Models registry,
        Guard guard,
        Function<List<String>, OutputFilter.Session> filter,
        AuditLog journal,
        LiveCalls live,
        Spending spending,
        Clock clock) {

    /** Who is calling, asked when a request arrives and again while it is under way. */
    interface Identity {
        Authentication authenticate(Presented presented);

        /** As {@link atlas.identity.Authenticator#again}. */
        Authentication again(Presented presented);

        /** As {@link atlas.identity.ApiKeys#limits}. */
        Optional<KeyLimits> limits(String keyId);
    }

    /** What the gateway asks of the guard. */
    interface Guard {
        Inspection inspect(List<PromptPart> parts, GuardSettings.Asked asked);
    }

    /** What the gateway asks of the registry. */
    interface Models {
        Admission admit(String name);

        List<ModelVersion> list();
    }
}
