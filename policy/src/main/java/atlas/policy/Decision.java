package atlas.policy;

import atlas.core.Principal;
import java.util.List;

/** What policy says. Immutable; {@code policyId} names what decided, for the journal. */
public sealed interface Decision {

    /** The rule that decided, with the version of the policy file that was in force. */
    String policyId();

    /** The ids of the policies of the file that decided; empty when none had to. */
    List<String> policies();

    /** Yes. Only this package makes one, so a method that takes it runs after policy was asked. */
    final class Permit implements Decision {
        private final Principal principal;
        private final Action action;
        private final Resource resource;
        private final String policyId;
        private final List<String> policies;

        Permit(Principal principal, Action action, Resource resource, String policyId) {
            this(principal, action, resource, policyId, List.of());
        }

        Permit(
                Principal principal,
                Action action,
                Resource resource,
                String policyId,
                List<String> policies) {
            this.principal = principal;
            this.action = action;
            this.resource = resource;
            this.policyId = policyId;
            this.policies = policies;
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

        @Override
        public List<String> policies() {
            return policies;
        }
    }

    /** No. The reason is for the journal and for {@code policy explain}, not for the caller. */
    record Deny(String reason, String policyId, List<String> policies) implements Decision {
        public Deny {
            policies = List.copyOf(policies);
        }

        Deny(String reason, String policyId) {
            this(reason, policyId, List.of());
        }
    }
}
