package atlas.gateway;

import atlas.core.Principal;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.Explanation;
import atlas.policy.PolicyDecisionPoint;
import atlas.policy.Resource;
import java.util.function.BiConsumer;

/** A policy that is overheard: who was decided about, and what. */
record WatchedPolicy(PolicyDecisionPoint policy, BiConsumer<Principal, Resource> heard)
        implements PolicyDecisionPoint {
    @Override
    public Decision decide(
            Principal principal, Action action, Resource resource, Circumstances circumstances) {
        heard.accept(principal, resource);
        return policy.decide(principal, action, resource, circumstances);
    }

    @Override
    public Explanation explain(
            Principal principal, Action action, Resource resource, Circumstances circumstances) {
        return policy.explain(principal, action, resource, circumstances);
    }

    @Override
    public void onChange(Runnable listener) {
        policy.onChange(listener);
    }
}
