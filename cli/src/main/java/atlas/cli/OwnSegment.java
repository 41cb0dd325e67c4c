package atlas.cli;

import atlas.control.ControlConfig;
import atlas.control.WitnessConfig;
import atlas.gateway.GatewayConfig;
import atlas.node.NodeConfig;
import atlas.runtime.http.Egress;
import atlas.segmentation.file.PolicyFile;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.AccessGraph.Verdict;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.graph.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where this process is in the network policy its configuration names: it listens at addresses of
 * its segment and on ports somebody may reach, and connects where the policy lets it. What stays on
 * this machine is no network.
 */
final class OwnSegment {
    private final AccessGraph graph;
    private final Segment segment;

    private OwnSegment(AccessGraph graph, Segment segment) {
        this.graph = graph;
        this.segment = segment;
    }

    /** Empty without a policy; one that does not hold stops the process. */
    static Optional<OwnSegment> of(Settings settings) {
        NetworkSettings network =
                settings.section("network", NetworkSettings.class, NetworkSettings.defaults());
        if (network.policy().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(read(network.policy().get(), network.segment().orElse("")));
    }

    /** Connections a process with these settings may open; all of them without a policy. */
    static Egress egress(Settings settings) {
        return of(settings).map(OwnSegment::egress).orElse(Egress.ANYWHERE);
    }

    private static OwnSegment read(Path file, String name) {
        AccessGraph graph = NetworkPolicies.accepted(file, Stop::usage);
        Segment segment =
                graph.segment(name)
                        .filter(known -> !known.isExternal())
                        .orElseThrow(() ->
                                Stop.usage(
                                        "`network.segment`: there is no segment `"
                                                + name
                                                + "` in `"
                                                + file
                                                + "`; "
                                                + PolicyFile.nearest(
                                                        name,
                                                        List.copyOf(graph.segments().keySet()))));
        if (segment.blocks().isEmpty()) {
            throw Stop.usage(
                    "`network.segment`: `"
                            + name
                            + "` has no addresses in `"
                            + file
                            + "`; give them under `segments."
                            + name
                            + ".cidrs`");
        }
        return new OwnSegment(graph, segment);
    }

    /** Stops the process when what it is to listen on contradicts the policy. */
    void requireBinds(String role, Settings settings) {
        switch (role) {
            case "gateway" -> {
                GatewayConfig config =
                        settings.section("gateway", GatewayConfig.class, GatewayConfig.defaults());
                bind("gateway.listen-address", config.listenAddress(), config.listenPort());
            }
            case "node" -> {
                NodeConfig config =
                        settings.section("node", NodeConfig.class, NodeConfig.defaults());
                bind("node.listen-address", config.listenAddress(), config.listenPort());
            }
            case "control" -> {
                ControlConfig config =
                        settings.section("control", ControlConfig.class, ControlConfig.defaults());
                bind("control.listen-address", config.listenAddress(), config.listenPort());
                config.internalPort()
                        .ifPresent(port ->
                                bind("control.internal-address", config.internalAddress(), port));
            }
            case "witness" -> {
                WitnessConfig config =
                        settings.section("witness", WitnessConfig.class, WitnessConfig.defaults());
                bind("witness.listen-address", config.listenAddress(), config.listenPort());
            }
            default -> throw new IllegalArgumentException("no role is called " + role);
        }
    }

    void bind(String key, String address, int port) {
        InetAddress bound;
        try {
            bound = InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw Stop.unknown("`" + key + "`: no address for `" + address + "`");
        }
        if (bound.isLoopbackAddress()) {
            return;
        }
        if (bound.isAnyLocalAddress()) {
            throw Stop.usage(
                    "`"
                            + key
                            + "`: `"
                            + address
                            + "` is every address of this machine, and the"
                            + " network policy gives `"
                            + segment.name()
                            + "` only "
                            + segment.blocks()
                            + "; name the one to listen at");
        }
        Segment holds = graph.holding(literal(bound));
        if (!holds.name().equals(segment.name())) {
            throw Stop.usage(
                    "`"
                            + key
                            + "`: `"
                            + address
                            + "` is of `"
                            + holds.name()
                            + "` by the network policy, and this process is in `"
                            + segment.name()
                            + "`");
        }
        boolean reached =
                graph.flows().stream()
                        .anyMatch(flow ->
                                flow.to().name().equals(segment.name())
                                        && flow.transport() == Transport.TCP
                                        && flow.ports().contains(port));
        if (port != 0 && !reached) {
            throw Stop.usage(
                    "`"
                            + key
                            + "`: the network policy lets nobody reach `"
                            + segment.name()
                            + "` on tcp/"
                            + port
                            + "; listen where it does, or change the policy");
        }
    }

    /** Connections this process may open. */
    Egress egress() {
        return to -> {
            InetAddress address = to.getAddress();
            return address != null && (address.isLoopbackAddress() || permits(to));
        };
    }

    private boolean permits(InetSocketAddress to) {
        Segment target = graph.holding(literal(to.getAddress()));
        return graph.decide(segment, target, Transport.TCP, to.getPort())
                instanceof Verdict.Allowed;
    }

    /** Without the name of an interface, which says where an address is and not whose. */
    private static String literal(InetAddress address) {
        return address.getHostAddress().replaceFirst("%.*", "");
    }
}
