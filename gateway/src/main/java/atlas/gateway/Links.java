package atlas.gateway;

import atlas.core.WorkloadId;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.Egress;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The gateway's connections to nodes and remote engines. All show the gateway's own certificate; an
 * engine reached without TLS is shown none. Thread-safe.
 */
final class Links {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(60);

    private final List<Link> nodes = new ArrayList<>();
    private final Map<String, Link> engines = new HashMap<>();

    /** One upstream, and whom it trusts when that is not who vouches for our own workloads. */
    private record Link(String name, Upstream upstream, Optional<List<X509Certificate>> trust) {}

    private Links() {}

    /** Opens no connection yet; what is made here is closed by {@code own}. */
    static Links open(GatewayConfig config, TlsIdentity workload, Egress egress, Lifecycle own) {
        Links links = new Links();
        for (GatewayConfig.Node node : config.nodes()) {
            UpstreamConfig to =
                    to(
                            config,
                            node.name(),
                            node.host(),
                            node.port(),
                            Optional.of(workload),
                            Optional.of(node.spiffeId()));
            Upstream upstream = own.own(Upstream.open(to, egress));
            links.nodes.add(new Link(node.name(), upstream, Optional.empty()));
        }
        for (GatewayConfig.Engine engine : config.engines()) {
            String name = "engine:" + engine.model();
            Optional<TlsIdentity> tls =
                    engine.tls()
                            ? Optional.of(EngineTrust.identity(workload, engine.trust()))
                            : Optional.empty();
            UpstreamConfig to =
                    to(config, name, engine.host(), engine.port(), tls, Optional.empty());
            Upstream upstream = own.own(Upstream.open(to, egress));
            links.engines.put(
                    engine.model(), new Link(name, upstream, tls.map(TlsIdentity::trust)));
        }
        return links;
    }

    /** The same links as places to send requests to. */
    Backends backends(GatewayConfig config) {
        Map<String, Backends.Backend> remote = new HashMap<>();
        for (GatewayConfig.Engine engine : config.engines()) {
            Link link = engines.get(engine.model());
            if (link != null) {
                Upstream upstream = link.upstream();
                remote.put(
                        engine.model(),
                        new Backends.Backend(link.name(), upstream::send, engine.key()));
            }
        }
        return new Backends(toNodes(), remote, config.answerTimeout(), config.maxAnswerBytes());
    }

    /** Our own nodes, in the order of the configuration. */
    List<Backends.Backend> toNodes() {
        List<Backends.Backend> backends = new ArrayList<>();
        for (Link node : nodes) {
            Upstream upstream = node.upstream();
            backends.add(new Backends.Backend(node.name(), upstream::send, Optional.empty()));
        }
        return backends;
    }

    /** Shows another certificate from the next request on; an engine is trusted as before. */
    void reload(TlsIdentity workload) {
        nodes.forEach(node -> node.upstream().reload(workload));
        for (Link engine : engines.values()) {
            if (engine.trust().isPresent()) {
                engine.upstream()
                        .reload(
                                new TlsIdentity(
                                        workload.key(), workload.chain(), engine.trust().get()));
            }
        }
    }

    private static UpstreamConfig to(
            GatewayConfig config,
            String name,
            String host,
            int port,
            Optional<TlsIdentity> tls,
            Optional<WorkloadId> peer) {
        return new UpstreamConfig(
                name,
                host,
                port,
                tls,
                peer,
                CONNECT_TIMEOUT,
                config.firstByteTimeout(),
                IDLE_TIMEOUT,
                config.maxCallsPerBackend(),
                Optional.empty());
    }
}
