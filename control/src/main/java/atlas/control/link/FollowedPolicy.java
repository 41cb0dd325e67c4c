package atlas.control.link;

import atlas.control.policies.Risks;
import atlas.control.wire.LinkException;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.policy.AccessPolicy;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Circumstances.Risk;
import atlas.policy.Decision;
import atlas.policy.Explanation;
import atlas.policy.Policies;
import atlas.policy.PolicyConfig;
import atlas.policy.PolicyDecisionPoint;
import atlas.policy.PolicyException;
import atlas.policy.Resource;
import atlas.policy.Rulebook;
import atlas.policy.Surroundings;
import atlas.policy.cedar.PolicyFile;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides by grants and policy file as the control plane said last. A file that does not hold here,
 * though it did there, permits nothing until another comes. Thread-safe.
 */
public final class FollowedPolicy implements PolicyDecisionPoint {
    private final FollowedState followed;
    private final Policies policies = new Policies();
    private final AccessPolicy decides;
    private final Risks risks;
    private volatile Divided divided;

    /** The segments the control plane named, with what finds an address in them. */
    private record Divided(PolicyConfig segments, Surroundings surroundings) {
        Divided(PolicyConfig segments, Risks risks) {
            this(segments, segments.surroundings(risks::of));
        }
    }

    public FollowedPolicy(FollowedState followed, FollowedGrants grants, Clock clock) {
        this.followed = followed;
        risks = new Risks(clock);
        divided = new Divided(PolicyConfig.defaults(), risks);
        decides = new AccessPolicy(grants, policies, surroundings(), clock);
    }

    private Surroundings surroundings() {
        return new Surroundings() {
            @Override
            public String segmentOf(String source) {
                return divided.surroundings.segmentOf(source);
            }

            @Override
            public Risk riskOf(Principal principal) {
                return divided.surroundings.riskOf(principal);
            }
        };
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

    /** The built-in roles and those of the policy file. */
    public Set<Role> roles() {
        keepUp();
        Set<Role> all = new TreeSet<>(Role.builtIn());
        all.addAll(policies.current().customRoles().keySet());
        return all;
    }

    // Before the decision and not when it is heard of: no decision may be made by new grants and
    // an old file.
    private void keepUp() {
        State.Access access;
        try {
            access = followed.state().access().orElseThrow();
        } catch (LinkException e) {
            throw new PolicyException(String.valueOf(e.getMessage()), e);
        }
        if (!divided.segments.segments().equals(access.segments())) {
            divide(access);
        }
        risks.take(access.risks());
        String text = access.policy();
        if (!policies.current().text().equals(text)) {
            take(text);
        }
    }

    private void divide(State.Access access) {
        try {
            divided = new Divided(new PolicyConfig(Optional.empty(), access.segments()), risks);
        } catch (IllegalArgumentException e) {
            throw new PolicyException("the control plane's segments do not hold here", e);
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
