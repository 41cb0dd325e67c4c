package atlas.policy;

import atlas.core.Principal;

/** What policy says. Immutable; {@code policyId} names the rule, for the journal. */
public sealed interface Decision {

    /** The rule that decided. */
    String policyId();

    /** Yes. Only this package makes one, so a method that takes it runs after policy was asked. */
    final class Permit implements Decision {
        private final Principal principal;
        private final Action action;
        private final Resource resource;
        private final String policyId;

        Permit(Principal principal, Action action, Resource resource, String policyId) {
            this.principal = principal;
            this.action = action;
            this.resource = resource;
            this.policyId = policyId;
        }

        public Principal principal() {
            return principal;
        }

        public Action action() {
            return action;
        }

        public Resource resource() {
            return resource;
        }

        @Override
        public String policyId() {
            return policyId;
        }
    }

    /** No. The reason is for the journal and for {@code policy explain}, not for the caller. */
    record Deny(String reason, String policyId) implements Decision {}
}
