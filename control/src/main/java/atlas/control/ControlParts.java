package atlas.control;

import atlas.core.WorkloadId;
import atlas.export.Export;
import atlas.identity.Authenticator;
import atlas.identity.oidc.RelyingParty;
import atlas.identity.saml.SamlServiceProvider;
import atlas.identity.token.AtlasTokens;
import atlas.policy.PolicyDecisionPoint;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the control process works with.
 *
 * @param trust the installation; not closed by the process
 * @param tokens whose revocations are those of {@code trust}
 * @param node an mTLS connection to the node, as workload {@code control}; not closed by the
 *     process; without one nothing can be deployed
 * @param login how people sign in at the console
 * @param svid what the link shows gateways and nodes, who then come by SVID themselves; without it,
 *     certificates of {@code trust}, and they join with tokens
 * @param exports other systems that get the journal's entries
 * @param beside what else of the installation listens, for measuring how it stands
 */
public record ControlParts(
        TrustRoot trust,
        Authenticator authenticator,
        AtlasTokens tokens,
        PolicyDecisionPoint policy,
        Optional<Upstream> node,
        Login login,
        Optional<OwnSvid> svid,
        List<Export> exports,
        Beside beside,
        Clock clock) {
    public ControlParts {
        exports = List.copyOf(exports);
    }

    /**
     * What else of the installation listens.
     *
     * @param gateway where it is asked for inference, and its routes; empty when it is not known
     * @param listeners what has no routes, by name
     */
    public record Beside(Optional<Gateway> gateway, Map<String, InetSocketAddress> listeners) {
        public Beside {
            listeners = Map.copyOf(listeners);
        }

        /** Nothing that is known. */
        public static Beside nothing() {
            return new Beside(Optional.empty(), Map.of());
        }
    }

    /** A gateway as its router lists it, each route as {@code METHOD /pattern}. */
    public record Gateway(InetSocketAddress at, List<String> routes) {
        public Gateway {
            routes = List.copyOf(routes);
        }
    }

    /** With the internal authority's identities on the link, and nobody who gets entries. */
    public ControlParts(
            TrustRoot trust,
            Authenticator authenticator,
            AtlasTokens tokens,
            PolicyDecisionPoint policy,
            Optional<Upstream> node,
            Login login,
            Clock clock) {
        this(
                trust,
                authenticator,
                tokens,
                policy,
                node,
                login,
                Optional.empty(),
                List.of(),
                Beside.nothing(),
                clock);
    }

    /** The same with these systems getting the journal's entries. */
    public ControlParts exportingTo(List<Export> others) {
        return new ControlParts(
                trust, authenticator, tokens, policy, node, login, svid, others, beside, clock);
    }

    /** The same knowing what else listens. */
    public ControlParts beside(Beside others) {
        return new ControlParts(
                trust, authenticator, tokens, policy, node, login, svid, exports, others, clock);
    }

    /**
     * The SPIFFE identity a process shows the others in place of the internal authority's.
     *
     * @param id who it is; stays the same through rotations
     * @param shown the identity as it is now, believing whoever is believed
     */
    public record OwnSvid(WorkloadId id, Supplier<TlsIdentity> shown) {

        /** The control plane in the same trust domain. */
        WorkloadId control() {
            return new WorkloadId(id.trustDomain(), "/control");
        }

        /** The anchors of its own trust domain alone; none while the identity is taken back. */
        Map<String, List<X509Certificate>> ownDomain() {
            TlsIdentity now = shown.get();
            List<X509Certificate> anchors = now.bundles().get(id.trustDomain());
            return now.trust().isEmpty() || anchors == null
                    ? Map.of()
                    : Map.of(id.trustDomain(), anchors);
        }
    }

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
