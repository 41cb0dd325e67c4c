package atlas.policy;

import atlas.core.Principal;

/**
 * Decides whether a caller may do something. Never blocks, never throws to say no, is thread-safe;
 * whatever no rule allows is denied. A store that cannot be read throws {@link PolicyException}:
 * nothing is then permitted.
 */
public interface PolicyDecisionPoint {

    /** May this caller do this to that, in these circumstances? */
    Decision decide(
            Principal principal, Action action, Resource resource, Circumstances circumstances);

    /** The same question where nothing is known of the circumstances. */
    default Decision decide(Principal principal, Action action, Resource resource) {
        return decide(principal, action, resource, Circumstances.none());
    }

    /** The same question, with the reasons; slower, for people. */
    Explanation explain(
            Principal principal, Action action, Resource resource, Circumstances circumstances);

    /** The same question, with the reasons, where nothing is known of the circumstances. */
    default Explanation explain(Principal principal, Action action, Resource resource) {
        return explain(principal, action, resource, Circumstances.none());
    }

    /**
     * Runs {@code listener} after every change that may turn a decision given before, as soon as
     * the new answer is given. The listener must not block and does not throw.
     */
    void onChange(Runnable listener);
}
