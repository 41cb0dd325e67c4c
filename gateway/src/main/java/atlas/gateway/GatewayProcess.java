package atlas.gateway;

import atlas.core.AuditEvent.ProcessStarted;
import atlas.core.AuditEvent.ProcessStopped;
import atlas.core.AuditLog;
import atlas.core.crypto.Hashes;
import atlas.identity.Authentication;
import atlas.identity.Authenticator;
import atlas.identity.KeyLimits;
import atlas.identity.Presented;
import atlas.identity.StoreUnavailableException;
import atlas.registry.Admission;
import atlas.registry.ModelVersion;
import atlas.registry.ServingModels;
import atlas.runtime.Lifecycle;
import atlas.runtime.LiveCalls;
import atlas.runtime.LiveCalls.Rounds;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.Egress;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import atlas.vectors.VectorStores;
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
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway as a process: its parts, made in the order they depend on each other and closed in
 * reverse. Starting records that it started, before the first connection is taken.
 */
public final class GatewayProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayProcess.class);
    private static final Duration DRAIN = Duration.ofSeconds(20);

    private final Lifecycle lifecycle;
    private final HttpEdge edge;
    private final List<String> routes;
    private final Links links;

    private GatewayProcess(Lifecycle lifecycle, Front front, Links links) {
        this.lifecycle = lifecycle;
        this.edge = front.edge();
        this.routes = front.routes();
        this.links = links;
    }

    /** Starts listening; whatever was opened is closed again when a part cannot be made. */
    public static GatewayProcess start(GatewayConfig config, GatewayParts parts) {
        return start(config, parts, Egress.ANYWHERE);
    }

    /** The same; nodes and engines are reached where egress is permitted only. */
    public static GatewayProcess start(GatewayConfig config, GatewayParts parts, Egress egress) {
        Lifecycle lifecycle = new Lifecycle();
        try {
            Links links = Links.open(config, parts.workload(), egress, lifecycle);
            return new GatewayProcess(lifecycle, wire(config, parts, links, lifecycle), links);
        } catch (RuntimeException e) {
            lifecycle.close();
            throw e;
        }
    }

    /** Everything that is answered with more than a refusal, as {@code METHOD /pattern}. */
    public List<String> routes() {
        return routes;
    }

    /** Where callers are answered. */
    public InetSocketAddress address() {
        return edge.address();
    }

    /**
     * Shows renewed certificates: {@code server} to callers that connect from now on, {@code
     * workload} to nodes and engines from the next request on; what is under way keeps its own. An
     * identity that cannot be used is an {@link atlas.runtime.http.EdgeException}, and the one
     * before it stays.
     */
    public void reload(TlsIdentity server, TlsIdentity workload) {
        edge.reload(server);
        links.reload(workload);
    }

    /** Lets requests under way end, takes no new ones, records what is left to record. */
    @Override
    public void close() {
        edge.drain(DRAIN);
        lifecycle.close();
    }

    /** What callers meet, and what it answers to. */
    private record Front(HttpEdge edge, List<String> routes) {}

    private static Front wire(
            GatewayConfig config, GatewayParts parts, Links links, Lifecycle own) {
        Map<String, Served.Remote> engines = new HashMap<>();
        config.engines().forEach(e -> engines.put(e.model(), new Served.Remote(e)));
        Backends backends = links.backends(config);
        AuditLog journal = new TimedLog(parts.journal(), parts.metrics());
        LiveCalls live = own.own(live(parts));
        Rooms rooms =
                new Rooms(
                        identity(parts.authenticator()),
                        parts.policy(),
                        models(parts.registry()),
                        (prompt, asked) ->
                                parts.guard().inspect(prompt, asked, parts.clock().instant()),
                        parts.filter()::open,
                        journal,
                        live,
                        parts.spending(),
                        parts.clock());
        Recording recording = recording(config, parts);
        started(config, parts);
        own.own(() -> parts.journal().append(new ProcessStopped("gateway", "closed")));
        Strangers strangers =
                own.own(new Strangers(journal, parts.clock(), config.strangersPerMinute()));
        Exit exit = new Exit(journal, recording, strangers, parts.metrics());
        ScheduledExecutorService minutes = Executors.newSingleThreadScheduledExecutor(daemon());
        own.own(minutes::shutdownNow);
        minutes.scheduleWithFixedDelay(() -> kept(strangers::flush), 1, 1, TimeUnit.MINUTES);
        minutes.scheduleWithFixedDelay(() -> kept(() -> flush(parts)), 1, 1, TimeUnit.MINUTES);

        Gate gate = new Gate(rooms.identity()::authenticate, strangers);
        List<Way> ways = new ArrayList<>();
        Function<Answers, RequestJourney> journeys =
                from -> new RequestJourney(gate, rooms, engines, recording, from, exit);
        RequestJourney plain = journeys.apply(new Answers(backends, Optional.empty()));
        Answers answers = new Answers(backends, cache(config, parts, plain));
        ways.addAll(journeys.apply(answers).ways());
        ways.addAll(new ModelsJourney(gate, rooms, engines, exit).ways());
        ways.addAll(new MetricsJourney(gate, rooms, parts.metrics(), exit).ways());
        ways.addAll(new ReceiptJourney(gate, parts.receipts(), exit).ways());
        parts.tokens()
                .map(tokens -> new TokenJourney(gate, tokens, journal, exit, parts.clock()))
                .ifPresent(journey -> ways.addAll(journey.ways()));
        if (parts.vectors().isPresent()) {
            GatewayParts.Vectors vectors = parts.vectors().get();
            ways.addAll(
                    new VectorsJourney(gate, rooms, vectors.stores(), plain, recording, exit)
                            .ways());
            follow(vectors, journal, minutes);
        }
        FrontDoor door = new FrontDoor(gate, ways, exit);
        ClientAuth clients =
                parts.server().trust().isEmpty() ? ClientAuth.NONE : ClientAuth.OPTIONAL;
        InetSocketAddress listen =
                new InetSocketAddress(config.listenAddress(), config.listenPort());
        HttpEdge edge =
                own.own(
                        HttpEdge.start(
                                new EdgeConfig(
                                        "gateway",
                                        listen,
                                        parts.server(),
                                        clients,
                                        config.limits()),
                                door,
                                new EdgeProblems(),
                                strangers::refused));
        return new Front(edge, door.routes());
    }

    private static Recording recording(GatewayConfig config, GatewayParts parts) {
        return new Recording(
                config.record(),
                config.recordRules(),
                config.maxRecordedChars(),
                text -> parts.filter().redact(text).text());
    }

    /** Answers given before, where the configuration wants them. */
    private static Optional<AnswerCache> cache(
            GatewayConfig config, GatewayParts parts, RequestJourney embedding) {
        if (!config.semanticCache().on()) {
            return Optional.empty();
        }
        GatewayParts.Vectors vectors =
                parts.vectors()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "`gateway.semantic-cache` needs vector stores"));
        String model =
                vectors.stores()
                        .config()
                        .embeddingModel()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "`gateway.semantic-cache` needs a model that tells which"
                                                + " questions mean the same: name it as"
                                                + " `vectors.embedding-model`"));
        return Optional.of(
                new AnswerCache(
                        config.semanticCache(),
                        vectors.answers(),
                        new Embedder(embedding, "-question"),
                        model,
                        parts.clock()));
    }

    /** Before anybody is answered, then whenever there is something to follow, and in any case. */
    private static void follow(
            GatewayParts.Vectors vectors, AuditLog journal, ScheduledExecutorService minutes) {
        for (VectorStores stores : List.of(vectors.answers(), vectors.stores())) {
            SubjectErasures erasures = new SubjectErasures(stores, vectors.subjects(), journal);
            kept(erasures::follow);
            vectors.subjects()
                    .onErased(() -> {
                        if (!minutes.isShutdown()) {
                            minutes.execute(() -> kept(erasures::follow));
                        }
                    });
            minutes.scheduleWithFixedDelay(() -> kept(erasures::follow), 1, 1, TimeUnit.MINUTES);
        }
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

    // A chore that failed once is done again in a minute: a timer forgets one that throws.
    private static void kept(Runnable chore) {
        try {
            chore.run();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("a chore of the gateway failed");
        }
    }

    // What the store cannot take now it is told again in a minute.
    private static void flush(GatewayParts parts) {
        try {
            parts.spending().flush();
        } catch (StoreUnavailableException e) {
            LOG.atWarn().setCause(e).log("spending not written, the store takes nothing");
        }
    }

    /** Whatever may take a permission back says so to the requests that have one. */
    private static LiveCalls live(GatewayParts parts) {
        LiveCalls live = new LiveCalls("gateway-live", Rounds.defaults(), parts.clock());
        parts.authenticator().onChange(live::changed);
        parts.policy().onChange(live::changed);
        parts.registry().onChange(live::changed);
        parts.metrics().gauge("atlas_live_requests", "Requests under way", live::size);
        parts.metrics()
                .counter(
                        "atlas_live_requests_ended",
                        "Requests ended because what they rested on was taken back",
                        live::ended);
        return live;
    }

    private static Rooms.Identity identity(Authenticator authenticator) {
        return new Rooms.Identity() {
            @Override
            public Authentication authenticate(Presented presented) {
                return authenticator.authenticate(presented);
            }

            @Override
            public Authentication again(Presented presented) {
                return authenticator.again(presented);
            }

            @Override
            public Optional<KeyLimits> limits(String keyId) {
                return authenticator.limits(keyId);
            }
        };
    }

    private static Rooms.Models models(ServingModels registry) {
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
}
