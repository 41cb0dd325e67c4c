package atlas.control;

import atlas.identity.Authenticator;
import atlas.identity.saml.SamlServiceProvider;
import atlas.policy.PolicyDecisionPoint;
import atlas.runtime.http.Upstream;
import java.time.Clock;
import java.util.Optional;

/**
 * What the control process works with.
 *
 * @param trust the installation; not closed by the process
 * @param node an mTLS connection to the node, as workload {@code control}; not closed by the
 *     process; without one nothing can be deployed
 * @param saml when people may sign in by SAML; not closed by the process
 */
public record ControlParts(
        TrustRoot trust,
        Authenticator authenticator,
        PolicyDecisionPoint policy,
        Optional<Upstream> node,
        Optional<SamlServiceProvider> saml,
        Clock clock) {}
