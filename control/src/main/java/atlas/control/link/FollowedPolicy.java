package atlas.control.link;

import atlas.control.wire.LinkException;
import atlas.core.Principal;
import atlas.policy.AccessPolicy;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.Explanation;
import atlas.policy.Policies;
import atlas.policy.PolicyDecisionPoint;
import atlas.policy.PolicyException;
import atlas.policy.Resource;
import atlas.policy.Rulebook;
import atlas.policy.Surroundings;
import atlas.policy.cedar.PolicyFile;
import java.time.Clock;

/**
 * Decides by grants and policy file as the control plane said last. A file that does not hold here,
 * though it did there, permits nothing until another comes. Thread-safe.
 */
public final class FollowedPolicy implements PolicyDecisionPoint {
    private final FollowedState followed;
    private final Policies policies = new Policies();
    private final AccessPolicy decides;

    public FollowedPolicy(FollowedState followed, FollowedGrants grants, Clock clock) {
        this.followed = followed;
        decides = new AccessPolicy(grants, policies, Surroundings.quiet(), clock);
    }

    @Override
    public Decision decide(
            Principal principal, Action action, Resource resource, Circumstances circumstances) {
        keepUp();
        return decides.decide(principal, action, resource, circumstances);
    }

    @Override
    public Explanation explain(
            Principal principal, Action action, Resource resource, Circumstances circumstances) {
        keepUp();
        return decides.explain(principal, action, resource, circumstances);
    }

    // Before the decision and not when it is heard of: no decision may be made by new grants and
    // an old file.
    private void keepUp() {
        String text;
        try {
            text = followed.state().access().orElseThrow().policy();
        } catch (LinkException e) {
            throw new PolicyException(String.valueOf(e.getMessage()), e);
        }
        if (!policies.current().text().equals(text)) {
            take(text);
        }
    }

    private synchronized void take(String text) {
        if (policies.current().text().equals(text)) {
            return;
        }
        if (text.isEmpty()) {
            policies.put(Rulebook.NONE);
            return;
        }
        switch (PolicyFile.read(text)) {
            case PolicyFile.Outcome.Accepted(Rulebook rulebook) -> policies.put(rulebook);
            case PolicyFile.Outcome.Refused _ ->
                    throw new PolicyException(
                            "the control plane's policy file does not hold here", null);
        }
    }

    @Override
    public void onChange(Runnable listener) {
        followed.onChange(listener);
    }
}
