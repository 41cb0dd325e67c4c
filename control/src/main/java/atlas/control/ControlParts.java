package atlas.control;

import atlas.identity.Authenticator;
import atlas.identity.oidc.RelyingParty;
import atlas.identity.saml.SamlServiceProvider;
import atlas.identity.token.AtlasTokens;
import atlas.policy.PolicyDecisionPoint;
import atlas.runtime.http.Upstream;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * What the control process works with.
 *
 * @param trust the installation; not closed by the process
 * @param tokens whose revocations are those of {@code trust}
 * @param node an mTLS connection to the node, as workload {@code control}; not closed by the
 *     process; without one nothing can be deployed
 * @param login how people sign in at the console
 */
public record ControlParts(
        TrustRoot trust,
        Authenticator authenticator,
        AtlasTokens tokens,
        PolicyDecisionPoint policy,
        Optional<Upstream> node,
        Login login,
        Clock clock) {

    /**
     * The ways to sign in beside an API key; none of them is closed by the process.
     *
     * @param oidc the OpenID providers, in the order they are shown
     * @param saml when people may sign in by SAML
     */
    public record Login(
            LoginConfig config, List<RelyingParty> oidc, Optional<SamlServiceProvider> saml) {
        public Login {
            oidc = List.copyOf(oidc);
        }

        /** API keys alone. */
        public static Login none() {
            return new Login(LoginConfig.defaults(), List.of(), Optional.empty());
        }
    }
}
