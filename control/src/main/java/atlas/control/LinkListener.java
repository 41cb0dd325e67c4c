package atlas.control;

import atlas.control.ControlParts.OwnSvid;
import atlas.control.api.ControlRoutes;
import atlas.control.api.RefusalLedger;
import atlas.control.enrol.JoinDoor;
import atlas.control.link.Followers;
import atlas.control.link.LinkDoor;
import atlas.control.link.ModelReleases;
import atlas.control.link.StateSource;
import atlas.control.link.TokenOrders;
import atlas.control.login.Door;
import atlas.identity.WorkloadTrust;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The control plane's second listener, for gateways and nodes in processes of their own: mutual TLS
 * only. Where none is configured nobody can join, and nothing listens.
 */
final class LinkListener implements AutoCloseable {
    private final ControlConfig config;
    private final ControlParts parts;
    private final RefusalLedger refusals;
    private final Followers followers;
    private final FollowingNodes nodes;
    private volatile @Nullable HttpEdge edge;
    private volatile @Nullable StateSource states;

    LinkListener(ControlConfig config, ControlParts parts, RefusalLedger refusals) {
        this.refusals = refusals;
        this.config = config;
        this.parts = parts;
        followers = new Followers(parts.clock());
        TrustRoot trust = parts.trust();
        String domain =
                parts.svid().map(svid -> svid.id().trustDomain()).orElseGet(trust::trustDomain);
        nodes =
                new FollowingNodes(
                        followers,
                        domain,
                        () -> shown(parts.svid(), () -> trust.workload("control")));
    }

    private static TlsIdentity shown(Optional<OwnSvid> svid, Supplier<TlsIdentity> otherwise) {
        return svid.map(own -> own.shown().get()).orElseGet(otherwise);
    }

    private TlsIdentity listening() {
        return shown(parts.svid(), () -> parts.trust().server("control"));
    }

    /** Whose certificates count here: those of one trust domain, and no other. */
    private WorkloadTrust believed() {
        TrustRoot trust = parts.trust();
        return parts.svid()
                .map(svid -> new WorkloadTrust(svid::ownDomain, List.of(), parts.clock()))
                .orElseGet(() ->
                        new WorkloadTrust(
                                List.of(trust.rootCertificate()),
                                trust.trustDomain(),
                                List.of(),
                                parts.clock()));
    }

    /** Begins to listen, if it is to. */
    void start() {
        if (config.internalPort().isEmpty()) {
            return;
        }
        TrustRoot trust = parts.trust();
        StateSource source = trust.states(parts.tokens(), parts.clock());
        states = source;
        LinkDoor door =
                new LinkDoor(
                        new LinkDoor.Gatekeeper(
                                believed(), trust.enrolments(), trust.issuer(), config.svidRules()),
                        source,
                        new ModelReleases(trust.registry(), trust.vault(), trust.journal()),
                        new TokenOrders(parts.tokens().desk(trust.apiKeys()), trust.journal()),
                        followers,
                        refusals::refused);
        edge =
                HttpEdge.start(
                        new EdgeConfig(
                                "control-link",
                                new InetSocketAddress(
                                        config.internalAddress(), config.internalPort().get()),
                                listening(),
                                ClientAuth.REQUIRED,
                                EdgeLimits.defaults()),
                        door);
    }

    /** Where it listens, while it does. */
    Optional<InetSocketAddress> address() {
        return Optional.ofNullable(edge).map(HttpEdge::address);
    }

    FollowingNodes nodes() {
        return nodes;
    }

    ControlRoutes.Workloads workloads() {
        TrustRoot trust = parts.trust();
        return new ControlRoutes.Workloads(
                trust.enrolments(),
                followers,
                config.internalPort().map(_ -> trust.rootCertificate()));
    }

    /** How others join, where they can. */
    List<Door> doors() {
        if (config.internalPort().isEmpty() || parts.svid().isPresent()) {
            return List.of();
        }
        TrustRoot trust = parts.trust();
        return List.of(
                new JoinDoor(
                        trust.enrolments(),
                        trust.issuer(),
                        () -> address().map(InetSocketAddress::getPort).orElse(0)));
    }

    /** Shows renewed certificates from the next connection on. */
    void renew() {
        HttpEdge now = edge;
        if (now != null) {
            now.reload(listening());
        }
        nodes.renew();
    }

    @Override
    public void close() {
        StateSource source = states;
        if (source != null) {
            source.close();
        }
        // Who waits for news has just been told to try again, and should hear it.
        HttpEdge now = edge;
        if (now != null) {
            now.drain(config.drainPatience());
        }
        nodes.close();
    }
}
