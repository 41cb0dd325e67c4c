package atlas.cli;

import atlas.control.BackupConfig;
import atlas.control.ControlConfig;
import atlas.control.ControlParts;
import atlas.control.ControlProcess;
import atlas.control.HomeConfig;
import atlas.control.TrustRoot;
import atlas.control.TrustRootConfig;
import atlas.core.Role;
import atlas.gateway.GatewayConfig;
import atlas.gateway.GatewayParts;
import atlas.gateway.GatewayProcess;
import atlas.guard.GuardSettings;
import atlas.guard.OutputFilter;
import atlas.guard.PromptGuard;
import atlas.identity.IdentityConfig;
import atlas.identity.token.TokenExchange;
import atlas.journal.JournalSettings;
import atlas.node.NodeConfig;
import atlas.node.NodeParts;
import atlas.node.NodeProcess;
import atlas.policy.PolicyConfig;
import atlas.policy.PolicyDecisionPoint;
import atlas.registry.ModelVersion;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import atlas.vault.VaultSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole Atlas in one process: trust root, node, gateway and control plane, wired in dependency
 * order and closed in reverse. Between its processes there is mutual TLS, as between machines.
 */
final class Installation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Installation.class);

    private final Lifecycle parts;
    private final TrustRoot trust;
    private final GatewayProcess gateway;
    private final ControlProcess control;
    private final HealthListener health;

    private Installation(
            Lifecycle parts,
            TrustRoot trust,
            GatewayProcess gateway,
            ControlProcess control,
            HealthListener health) {
        this.parts = parts;
        this.trust = trust;
        this.gateway = gateway;
        this.control = control;
        this.health = health;
    }

    static Installation start(
            Path home,
            Settings settings,
            Optional<Integer> gatewayPort,
            Optional<Integer> controlPort,
            Path shippedModels,
            Clock clock,
            Consumer<String> say) {
        Lifecycle parts = new Lifecycle();
        boolean started = false;
        try {
            // Needs nothing of this home, and takes as long as opening it.
            CompletableFuture<PromptGuard> guard = aside("guard", () -> guard(settings));
            TrustRoot trust = parts.own(TrustRoot.openOrCreate(home, trustRoot(settings), clock));
            if (trust.firstStart()) {
                say.accept("atlas: made a trust root in " + home);
            }
            new ShippedModels(shippedModels, trust, say).install();

            WorkloadIdentities identities =
                    parts.own(WorkloadIdentities.ofAll(identity(settings), trust));
            NodeProcess node =
                    parts.own(
                            NodeProcess.start(
                                    nodeConfig(settings), nodeParts(trust, identities, clock)));
            // Models are verified and loaded while the doors are built; ready is said when both
            // stand.
            CompletableFuture<Void> loading = loading(trust, node, say);
            Believed believed = Believed.open(settings, trust, identities, clock, parts);
            PolicyDecisionPoint policy =
                    trust.policy(
                            settings.section("policy", PolicyConfig.class, PolicyConfig.defaults()),
                            clock);
            GatewayConfig forwarding = gatewayConfig(settings, gatewayPort, identities, node);
            requireRoles(forwarding, trust::roles);
            GatewayProcess gateway =
                    parts.own(
                            GatewayProcess.start(
                                    forwarding,
                                    gatewayParts(
                                                    trust,
                                                    identities.shown("gateway"),
                                                    believed,
                                                    policy,
                                                    guard.join(),
                                                    clock)
                                            .keeping(
                                                    KeptVectors.open(
                                                            settings, trust, clock, parts))));
            Upstream toNode = parts.own(Upstream.open(controlToNode(identities, node)));
            ControlProcess control =
                    parts.own(
                            ControlProcess.start(
                                    controlConfig(settings, controlPort),
                                    controlParts(settings, trust, believed, policy, toNode, clock)
                                            .beside(beside(gateway, node))));
            Runnable renewal = renewal(trust, identities, node, gateway, toNode, control);
            identities.onChange(renewal);
            parts.own(renewals(trust, renewal));
            loading.join();
            PostureGate.pass(settings, control);
            HealthListener health = parts.own(health(settings, trust, "gateway"));
            started = true;
            return new Installation(parts, trust, gateway, control, health);
        } finally {
            if (!started) {
                parts.close();
            }
        }
    }

    private static CompletableFuture<Void> loading(
            TrustRoot trust, NodeProcess node, Consumer<String> say) {
        return aside(
                "model-loading",
                () -> {
                    load(trust, node, say);
                    return null;
                });
    }

    private static <T extends @Nullable Object> CompletableFuture<T> aside(
            String name, Supplier<T> work) {
        return CompletableFuture.supplyAsync(
                work, task -> Thread.ofPlatform().daemon().name(name).start(task));
    }

    static PromptGuard guard(Settings settings) {
        return PromptGuard.load(
                settings.section("guard", GuardSettings.class, GuardSettings.defaults()));
    }

    static TrustRootConfig trustRoot(Settings settings) {
        TrustSettings given =
                settings.section("trust", TrustSettings.class, TrustSettings.defaults());
        return given.resolve(identity(settings).keys().checked(), keeping(settings));
    }

    static HomeConfig keeping(Settings settings) {
        VaultSettings vault =
                settings.section("vault", VaultSettings.class, VaultSettings.defaults());
        return new HomeConfig(
                settings.section("journal", JournalSettings.class, JournalSettings.defaults()),
                settings.folder().map(vault::withSecretsIn).orElse(vault),
                settings.section("backup", BackupConfig.class, BackupConfig.defaults()));
    }

    /** Shows everybody's identity as it is now. */
    private static Runnable renewal(
            TrustRoot trust,
            WorkloadIdentities identities,
            NodeProcess node,
            GatewayProcess gateway,
            Upstream toNode,
            ControlProcess control) {
        return () -> {
            node.reload(identities.shown("node"));
            gateway.reload(trust.server("gateway"), identities.shown("gateway"));
            toNode.reload(identities.shown("control"));
            control.renew();
        };
    }

    /** Our own certificates are renewed when half their life is over. */
    private static AutoCloseable renewals(TrustRoot trust, Runnable renewal) {
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("certificate-renewal").factory());
        long minutes = trust.renewAfter().toMinutes();
        timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        renewal.run();
                    } catch (RuntimeException e) {
                        // The certificates in use hold for as long again: the next try may do it.
                        LOG.atError().setCause(e).log("certificates not renewed");
                    }
                },
                minutes,
                minutes,
                TimeUnit.MINUTES);
        return timer::shutdownNow;
    }

    // A model that is refused is no reason to refuse everybody else: its callers are told.
    private static void load(TrustRoot trust, NodeProcess node, Consumer<String> say) {
        for (ModelVersion version : trust.registry().list()) {
            if (version.state() != ModelVersion.State.DEPLOYED) {
                continue;
            }
            say.accept(told(node.load(version.ref()), version));
        }
    }

    /** What came of loading a version, in words. */
    static String told(NodeProcess.LoadOutcome outcome, ModelVersion version) {
        return switch (outcome) {
            case NodeProcess.LoadOutcome.Loaded loaded ->
                    "atlas: verified and loaded "
                            + loaded.ref()
                            + " in "
                            + loaded.took().toMillis()
                            + " ms";
            case NodeProcess.LoadOutcome.NotLoaded refused ->
                    "atlas: NOT LOADED " + version.ref() + ": " + refused.reason();
        };
    }

    /** Whether an installation serves: it records, and its store answers. */
    static HealthListener health(Settings settings, TrustRoot trust, String process) {
        return HealthListener.start(
                settings,
                () -> trust.server(process),
                trust.renewAfter(),
                Map.of(
                        "journal",
                        () -> trust.journal().health().accepting(),
                        "store",
                        trust::storeAnswers));
    }

    static IdentityConfig identity(Settings settings) {
        return settings.section("identity", IdentityConfig.class, IdentityConfig.defaults());
    }

    static NodeConfig nodeConfig(Settings settings) {
        return settings.section("node", NodeConfig.class, NodeConfig.defaults());
    }

    private static NodeParts nodeParts(
            TrustRoot trust, WorkloadIdentities identities, Clock clock) {
        return new NodeParts(
                trust.registry()::openForServing,
                trust.journal(),
                identities.shown("node"),
                identities.id("node").trustDomain(),
                clock);
    }

    /** Refuses a configuration about roles that nobody could hold. */
    static void requireRoles(GatewayConfig config, Supplier<Set<Role>> known) {
        if (config.recordRules().stream().allMatch(rule -> rule.role().isEmpty())) {
            return;
        }
        try {
            config.requireRoles(known.get());
        } catch (IllegalArgumentException e) {
            throw Stop.usage(String.valueOf(e.getMessage()));
        }
    }

    private static GatewayConfig gatewayConfig(
            Settings settings,
            Optional<Integer> port,
            WorkloadIdentities identities,
            NodeProcess node) {
        GatewayConfig given =
                settings.section("gateway", GatewayConfig.class, GatewayConfig.defaults());
        List<GatewayConfig.Node> nodes = new ArrayList<>(given.nodes());
        nodes.add(
                new GatewayConfig.Node(
                        "embedded", "127.0.0.1", node.address().getPort(), identities.id("node")));
        return new GatewayConfig(
                given.listenAddress(),
                port.orElse(given.listenPort()),
                given.record(),
                given.recordRules(),
                given.maxRecordedChars(),
                given.firstByteTimeout(),
                given.answerTimeout(),
                given.maxAnswerBytes(),
                given.maxCallsPerBackend(),
                given.strangersPerMinute(),
                given.limits(),
                nodes,
                given.engines(),
                given.semanticCache());
    }

    private static GatewayParts gatewayParts(
            TrustRoot trust,
            TlsIdentity workload,
            Believed callers,
            PolicyDecisionPoint policy,
            PromptGuard guard,
            Clock clock) {
        return new GatewayParts(
                callers.authenticator(),
                Optional.of(
                        new GatewayParts.Tokens(
                                new TokenExchange(
                                        callers.authenticator(), callers.tokens(), trust.apiKeys()),
                                callers.tokens()::published)),
                policy,
                trust.registry(),
                guard,
                OutputFilter.load(guard.config()),
                trust.journal(),
                GatewayParts.Receipts.of(trust.journal()),
                trust.watch().metrics(),
                trust.spending(),
                trust.server("gateway"),
                workload,
                clock);
    }

    private static ControlConfig controlConfig(Settings settings, Optional<Integer> port) {
        ControlConfig given =
                settings.section("control", ControlConfig.class, ControlConfig.defaults());
        if (!given.admit().isEmpty()) {
            throw Stop.usage(
                    "`control.admit` is for `atlas serve control`; in `atlas up` others join with"
                            + " tokens: take it out");
        }
        return new ControlConfig(
                given.listenAddress(),
                port.orElse(given.listenPort()),
                given.maxBodyBytes(),
                given.maxUploadBytes(),
                given.drainPatience(),
                given.internalPort(),
                given.internalAddress());
    }

    private static ControlParts controlParts(
            Settings settings,
            TrustRoot trust,
            Believed callers,
            PolicyDecisionPoint policy,
            Upstream toNode,
            Clock clock) {
        return new ControlParts(
                        trust,
                        callers.authenticator(),
                        callers.tokens(),
                        policy,
                        Optional.of(toNode),
                        callers.login(),
                        clock)
                .exportingTo(ExportTargets.of(keeping(settings).journal().exporters()));
    }

    private static ControlParts.Beside beside(GatewayProcess gateway, NodeProcess node) {
        return new ControlParts.Beside(
                Optional.of(new ControlParts.Gateway(gateway.address(), gateway.routes())),
                Map.of("node", node.address()));
    }

    private static UpstreamConfig controlToNode(WorkloadIdentities identities, NodeProcess node) {
        return new UpstreamConfig(
                "node",
                "127.0.0.1",
                node.address().getPort(),
                Optional.of(identities.shown("control")),
                Optional.of(identities.id("node")),
                Duration.ofSeconds(5),
                Duration.ofMinutes(10),
                Duration.ofSeconds(60),
                4,
                Optional.empty());
    }

    URI gateway() {
        return UpCommand.address(gateway.address().getPort());
    }

    URI control() {
        return UpCommand.address(control.address().getPort());
    }

    /** What the gateway answers to, as {@code METHOD /pattern}. */
    List<String> gatewayRoutes() {
        return gateway.routes();
    }

    /** What the control plane answers to; what strangers may reach has {@code open} before it. */
    List<String> controlRoutes() {
        return control.routes();
    }

    String model() {
        return ShippedModels.CHAT;
    }

    /** What listens, by role; for the run file. */
    Map<String, URI> listening() {
        Map<String, URI> listening = new LinkedHashMap<>();
        listening.put("gateway", gateway());
        listening.put("control", control());
        health.tell(listening);
        return listening;
    }

    boolean bootstrapPresent() {
        return trust.bootstrapPresent();
    }

    Optional<Instant> bootstrapExpires() {
        return trust.bootstrapExpires();
    }

    /** What holds the key to all keys, with what must be known about it. */
    String kek() {
        var kek = trust.vault().status().kek();
        return kek.uri() + (kek.note().isEmpty() ? "" : "  (" + kek.note() + ")");
    }

    @Override
    public void close() {
        parts.close();
    }
}
