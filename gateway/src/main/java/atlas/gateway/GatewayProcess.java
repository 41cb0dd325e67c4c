package atlas.gateway;

import atlas.core.AuditEvent.ProcessStarted;
import atlas.core.AuditEvent.ProcessStopped;
import atlas.core.AuditLog;
import atlas.core.WorkloadId;
import atlas.core.crypto.Hashes;
import atlas.registry.Admission;
import atlas.registry.ModelRegistry;
import atlas.registry.ModelVersion;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The gateway as a process: its parts, made in the order they depend on each other and closed in
 * reverse. Starting records that it started, before the first connection is taken.
 */
public final class GatewayProcess implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration DRAIN = Duration.ofSeconds(20);

    private final Lifecycle lifecycle;
    private final HttpEdge edge;

    private GatewayProcess(Lifecycle lifecycle, HttpEdge edge) {
        this.lifecycle = lifecycle;
        this.edge = edge;
    }

    /** Starts listening; whatever was opened is closed again when a part cannot be made. */
    public static GatewayProcess start(GatewayConfig config, GatewayParts parts) {
        Lifecycle lifecycle = new Lifecycle();
        try {
            return new GatewayProcess(lifecycle, wire(config, parts, lifecycle));
        } catch (RuntimeException e) {
            lifecycle.close();
            throw e;
        }
    }

    /** Where callers are answered. */
    public InetSocketAddress address() {
        return edge.address();
    }

    /** Shows a renewed certificate to new connections. */
    public void reload(TlsIdentity server) {
        edge.reload(server);
    }

    /** Lets requests under way end, takes no new ones, records what is left to record. */
    @Override
    public void close() {
        edge.drain(DRAIN);
        lifecycle.close();
    }

    private static HttpEdge wire(GatewayConfig config, GatewayParts parts, Lifecycle own) {
        Map<String, Served.Remote> engines = new HashMap<>();
        config.engines().forEach(e -> engines.put(e.model(), new Served.Remote(e)));
        Backends backends = backends(config, parts, own);
        AuditLog journal = new TimedLog(parts.journal(), parts.metrics());
        Rooms rooms =
                new Rooms(
                        parts.authenticator()::authenticate,
                        parts.policy(),
                        models(parts.registry()),
                        parts.guard()::inspect,
                        parts.filter()::open,
                        journal,
                        parts.clock());
        Recording recording =
                new Recording(
                        config.record(),
                        config.maxRecordedChars(),
                        text -> parts.filter().redact(text).text());
        Exit exit = new Exit(journal, recording, parts.metrics());

        started(config, parts);
        own.own(() -> parts.journal().append(new ProcessStopped("gateway", "closed")));
        Strangers strangers =
                own.own(new Strangers(journal, parts.clock(), config.strangersPerMinute()));
        ScheduledExecutorService minutes = Executors.newSingleThreadScheduledExecutor(daemon());
        own.own(minutes::shutdownNow);
        minutes.scheduleWithFixedDelay(strangers::flush, 1, 1, TimeUnit.MINUTES);

        Gate gate = new Gate(rooms.identity(), strangers);
        FrontDoor door =
                new FrontDoor(
                        gate,
                        new RequestJourney(gate, rooms, engines, recording, backends, exit),
                        new ModelsJourney(gate, rooms, engines, exit),
                        new ReceiptJourney(gate, parts.receipts(), exit),
                        exit);
        ClientAuth clients =
                parts.server().trust().isEmpty() ? ClientAuth.NONE : ClientAuth.OPTIONAL;
        InetSocketAddress listen =
                new InetSocketAddress(config.listenAddress(), config.listenPort());
        return own.own(
                HttpEdge.start(
                        new EdgeConfig("gateway", listen, parts.server(), clients, config.limits()),
                        door,
                        new EdgeProblems()));
    }

    private static void started(GatewayConfig config, GatewayParts parts) {
        String version =
                Optional.ofNullable(GatewayProcess.class.getPackage().getImplementationVersion())
                        .orElse("development");
        String digest = Hashes.sha256(config.toString()).hex();
        parts.journal().append(new ProcessStarted("gateway", version, digest));
    }

    private static java.util.concurrent.ThreadFactory daemon() {
        return Thread.ofPlatform().daemon().name("gateway-minutes").factory();
    }

    private static Rooms.Models models(ModelRegistry registry) {
        return new Rooms.Models() {
            @Override
            public Admission admit(String name) {
                return registry.admit(name);
            }

            @Override
            public List<ModelVersion> list() {
                return registry.list();
            }
        };
    }

    private static Backends backends(GatewayConfig config, GatewayParts parts, Lifecycle own) {
        List<Backends.Backend> nodes = new ArrayList<>();
        for (GatewayConfig.Node node : config.nodes()) {
            Upstream upstream =
                    own.own(
                            Upstream.open(
                                    upstream(
                                            config,
                                            node.name(),
                                            node.host(),
                                            node.port(),
                                            Optional.of(parts.workload()),
                                            Optional.of(node.spiffeId()))));
            nodes.add(new Backends.Backend(node.name(), upstream::send, Optional.empty()));
        }
        Map<String, Backends.Backend> engines = new HashMap<>();
        for (GatewayConfig.Engine engine : config.engines()) {
            String name = "engine:" + engine.model();
            Optional<TlsIdentity> tls =
                    engine.tls()
                            ? Optional.of(EngineTrust.identity(parts.workload(), engine.trust()))
                            : Optional.empty();
            Upstream upstream =
                    own.own(
                            Upstream.open(
                                    upstream(
                                            config,
                                            name,
                                            engine.host(),
                                            engine.port(),
                                            tls,
                                            Optional.empty())));
            engines.put(engine.model(), new Backends.Backend(name, upstream::send, engine.key()));
        }
        return new Backends(nodes, engines, config.answerTimeout(), config.maxAnswerBytes());
    }

    private static UpstreamConfig upstream(
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
