package atlas.control;

import atlas.control.api.AdminJourney;
import atlas.control.api.ControlRoutes;
import atlas.control.api.NodeDoor;
import atlas.control.api.RefusalLedger;
import atlas.control.live.ActivityFeed;
import atlas.control.login.Ending;
import atlas.control.login.Sessions;
import atlas.control.posture.Facing;
import atlas.control.posture.Posture;
import atlas.control.upload.Uploads;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.ProcessStarted;
import atlas.core.AuditEvent.ProcessStopped;
import atlas.core.Principal;
import atlas.core.crypto.Hashes;
import atlas.identity.revocation.Revocations.Revocation;
import atlas.posture.Rollout;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.ErrorBody;
import atlas.runtime.http.HttpEdge;
import atlas.vault.Purpose;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The administration process: HTTPS API, live activity, metrics and the console.
 *
 * <p>Promises: nothing but the console's static shell answers without a credential; what an
 * administrator does is journaled before it takes effect. Owns what it starts, not the trust root.
 * {@link #close} drains.
 */
public final class ControlProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlProcess.class);
    private static final String VERSION = "0.1.0";

    private final ControlConfig config;
    private final ControlParts parts;
    private final HttpEdge edge;
    private final List<String> routes;
    private final ActivityFeed feed;
    private final LinkListener link;
    private final Posture posture;
    private final Lifecycle owned;

    private ControlProcess(
            ControlConfig config,
            ControlParts parts,
            Front front,
            ActivityFeed feed,
            Lifecycle owned) {
        this.config = config;
        this.parts = parts;
        this.edge = front.edge();
        this.routes = front.routes();
        this.link = front.link();
        this.posture = front.posture();
        this.feed = feed;
        this.owned = owned;
    }

    /** What callers meet, and what it answers to. */
    private record Front(HttpEdge edge, List<String> routes, LinkListener link, Posture posture) {}

    /** Starts listening; returns when calls are answered. */
    public static ControlProcess start(ControlConfig config, ControlParts parts) {
        Lifecycle owned = new Lifecycle();
        boolean started = false;
        try {
            ControlProcess process = open(config, parts, owned);
            started = true;
            return process;
        } finally {
            if (!started) {
                owned.close();
            }
        }
    }

    private static ControlProcess open(ControlConfig config, ControlParts parts, Lifecycle owned) {
        TrustRoot trust = parts.trust();
        trust.journal()
                .append(
                        new ProcessStarted(
                                "control", VERSION, Hashes.sha256(config.toString()).hex()));
        ActivityFeed feed = owned.own(new ActivityFeed());
        trust.journal().onAppended(feed::accept);
        Uploads uploads = owned.own(uploads(config, parts));
        HomeExports exports = owned.own(exports(parts));
        owned.own(HomeBackups.start(trust, parts.clock()));
        RefusalLedger refusals = owned.own(new RefusalLedger(trust.journal(), parts.clock()));
        LinkListener link = owned.own(new LinkListener(config, parts, refusals));
        AtomicReference<@Nullable Posture> posture = new AtomicReference<>();
        NodeDoor node = parts.node().<NodeDoor>map(RemoteNode::new).orElseGet(link::nodes);
        Sessions sessions =
                new Sessions(
                        parts.login().config().sessionLimits(),
                        trust.journal(),
                        who ->
                                trust.revocations()
                                        .ending(who.tenant(), who.id(), who.credential().issued())
                                        .isPresent(),
                        parts.clock());
        trust.revocations().onChange(made -> endSessions(sessions, made));
        ControlRoutes routes =
                new ControlRoutes(
                        trust.access(parts.policy()),
                        trust.evidence(feed, exports::status),
                        uploads,
                        new ControlRoutes.Doors(
                                sessions,
                                node,
                                new ControlRoutes.Tokens(parts.tokens(), trust.revocations()),
                                link.workloads(),
                                () -> Optional.ofNullable(posture.get())),
                        parts.clock());
        Entrance entrance = Entrance.open(parts, sessions, refusals, link.doors());
        AdminJourney journey =
                new AdminJourney(
                        routes.table(),
                        entrance.shell(),
                        entrance.callers(),
                        parts.policy(),
                        trust.journal(),
                        refusals);
        HttpEdge edge =
                owned.own(
                        HttpEdge.start(
                                edge(config, trust),
                                journey,
                                ErrorBody.problems(),
                                refusals::refused));
        link.start();
        Posture measuring =
                new Posture(
                        trust.surroundings(parts.clock()),
                        facing(parts.beside(), edge, journey.routes(), routes, link));
        posture.set(measuring);
        owned.own(ticker(trust, refusals, uploads, sessions, edge, link));
        return new ControlProcess(
                config, parts, new Front(edge, journey.routes(), link, measuring), feed, owned);
    }

    private static Uploads uploads(ControlConfig config, ControlParts parts) {
        TrustRoot trust = parts.trust();
        return new Uploads(
                trust.folder("staging"),
                trust.vault().sealer(Purpose.WEIGHTS, Principal.DEFAULT_TENANT),
                config.maxBodyBytes(),
                config.maxUploadBytes(),
                parts.clock());
    }

    private static Facing facing(
            ControlParts.Beside beside,
            HttpEdge edge,
            List<String> listed,
            ControlRoutes routes,
            LinkListener link) {
        List<Facing.Listener> listeners = new ArrayList<>();
        beside.gateway().ifPresent(g -> listeners.add(new Facing.Listener("gateway", g.at())));
        listeners.add(new Facing.Listener("control plane", edge.address()));
        link.address().ifPresent(at -> listeners.add(new Facing.Listener("link", at)));
        beside.listeners().forEach((name, at) -> listeners.add(new Facing.Listener(name, at)));
        return new Facing(
                beside.gateway().map(g -> new Facing.Door(g.at(), g.routes())),
                new Facing.Door(edge.address(), listed),
                routes.table().acts(),
                listeners);
    }

    private static HomeExports exports(ControlParts parts) {
        TrustRoot trust = parts.trust();
        return HomeExports.start(
                parts.exports(),
                new HomeExports.Lent(
                        trust.journal(),
                        trust.folder(HomeExports.FOLDER),
                        trust.vault().sealer(Purpose.STORE, Principal.DEFAULT_TENANT)),
                trust.watch().metrics(),
                parts.clock());
    }

    private static void endSessions(Sessions sessions, Revocation made) {
        if (made.kind() == Revocation.Kind.PRINCIPAL) {
            sessions.endAll(made.id(), Ending.REVOKED, Actor.system("revocations"));
        }
    }

    private static EdgeConfig edge(ControlConfig config, TrustRoot trust) {
        EdgeLimits usual = EdgeLimits.defaults();
        EdgeLimits limits =
                new EdgeLimits(
                        usual.maxHeaderBytes(),
                        config.maxBodyBytes(),
                        usual.handshakeTimeout(),
                        usual.headerTimeout(),
                        usual.bodyTimeout(),
                        usual.idleTimeout(),
                        usual.writeTimeout(),
                        1024,
                        256,
                        usual.maxConcurrentStreams());
        return new EdgeConfig(
                "control",
                new InetSocketAddress(config.listenAddress(), config.listenPort()),
                trust.server("control"),
                ClientAuth.OPTIONAL,
                limits);
    }

    // Housekeeping once a minute; a certificate is renewed long before it ends.
    private static AutoCloseable ticker(
            TrustRoot trust,
            RefusalLedger refusals,
            Uploads uploads,
            Sessions sessions,
            HttpEdge edge,
            LinkListener link) {
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("control-housekeeping").factory());
        timer.scheduleWithFixedDelay(
                () ->
                        kept(
                                "housekeeping",
                                () -> {
                                    trust.flushUses();
                                    refusals.roll();
                                    uploads.expire();
                                    sessions.sweep();
                                }),
                1,
                1,
                TimeUnit.MINUTES);
        timer.scheduleWithFixedDelay(
                () -> kept("policy file", trust.policies()::look), 1, 1, TimeUnit.SECONDS);
        long renewal = trust.renewAfter().toMinutes();
        timer.scheduleWithFixedDelay(
                () ->
                        kept(
                                "certificate renewal",
                                () -> {
                                    edge.reload(trust.server("control"));
                                    link.renew();
                                }),
                renewal,
                renewal,
                TimeUnit.MINUTES);
        return timer::shutdownNow;
    }

    private static void kept(String what, Runnable chore) {
        try {
            chore.run();
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("chore", what).setCause(e).log("chore failed");
        }
    }

    /**
     * Everything that is answered with more than a refusal, as {@code METHOD /pattern}; what
     * strangers may reach has {@code open} before it.
     */
    public List<String> routes() {
        return routes;
    }

    /**
     * Measures how far a rollout has come, and says which tasks of its first phases are not proven.
     *
     * @param rollout the text of a rollout file; the standard one when not given
     * @throws IllegalArgumentException when it is none
     */
    public List<String> unproven(Optional<String> rollout, int throughPhase) {
        return posture.unproven(
                rollout.map(Rollout::parse).orElseGet(Rollout::standard), throughPhase);
    }

    /** Shows a fresh certificate, and judges those of callers by what is believed now. */
    public void renew() {
        edge.reload(parts.trust().server("control"));
        link.renew();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return edge.address();
    }

    /** Where gateways and nodes of other processes are answered; empty when nowhere. */
    public Optional<InetSocketAddress> linkAddress() {
        return link.address();
    }

    /** Lets calls under way finish, then ends. */
    @Override
    public void close() {
        // Watchers and followers never finish by themselves; told first, they let the drain end
        // early.
        feed.close();
        link.close();
        edge.drain(config.drainPatience());
        parts.trust().flushUses();
        parts.trust().journal().submit(new ProcessStopped("control", "closed"));
        owned.close();
    }
}
