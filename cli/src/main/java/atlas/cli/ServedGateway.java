package atlas.cli;

import atlas.control.ControlLink;
import atlas.control.WorkloadHome;
import atlas.gateway.GatewayConfig;
import atlas.gateway.GatewayParts;
import atlas.gateway.GatewayProcess;
import atlas.guard.OutputFilter;
import atlas.guard.PromptGuard;
import atlas.identity.ApiKeys;
import atlas.identity.Authenticator;
import atlas.identity.spending.Spending;
import atlas.runtime.Lifecycle;
import atlas.watch.Watch;
import atlas.watch.WatchConfig;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A gateway alone: its own certificates and journal, everything else as the control plane says. */
final class ServedGateway implements Served {
    private static final Duration FIRST_WORD = Duration.ofSeconds(10);

    private final Lifecycle parts;
    private final GatewayProcess gateway;
    private final HealthListener health;

    private ServedGateway(Lifecycle parts, GatewayProcess gateway, HealthListener health) {
        this.parts = parts;
        this.gateway = gateway;
        this.health = health;
    }

    /** Certificates are shown anew as they are renewed; the control plane is told where we are. */
    private static void follow(
            ControlLink control, GatewayProcess gateway, Enlisted enlisted, LinkSettings link) {
        WorkloadHome home = enlisted.home();
        WorkloadIdentities identities = enlisted.identities();
        Runnable renewal =
                () -> {
                    gateway.reload(identities.listening(home.server()), home.client());
                    control.reload();
                };
        identities.onChange(renewal);
        int port = gateway.address().getPort();
        control.start(InetSocketAddress.createUnresolved(link.advertise(), port), renewal);
    }

    static ServedGateway start(Enlisted enlisted, Settings settings, Clock clock)
            throws InterruptedException {
        WorkloadHome home = enlisted.home();
        WorkloadIdentities identities = enlisted.identities();
        Lifecycle parts = new Lifecycle();
        boolean started = false;
        try {
            LinkSettings link = link(settings);
            GatewayConfig config =
                    settings.section("gateway", GatewayConfig.class, GatewayConfig.defaults());
            ControlLink control = parts.own(new ControlLink(home, link.maxAge(), clock));
            ApiKeys keys = control.apiKeys(Installation.identity(settings).keys().checked());
            Authenticator authenticator =
                    Believed.alone(
                            settings,
                            keys,
                            identities,
                            new Believed.Tokens(control.tokens(), control.revocations()),
                            clock,
                            parts);
            Watch watch = watch(home, settings, clock, parts);
            PromptGuard guard = Installation.guard(settings);
            GatewayParts.Tokens tokens =
                    new GatewayParts.Tokens(
                            control.tokens().exchange(authenticator, keys),
                            control.tokens()::published);
            GatewayProcess gateway =
                    parts.own(
                            GatewayProcess.start(
                                    config,
                                    new GatewayParts(
                                                    authenticator,
                                                    Optional.of(tokens),
                                                    control.policy(),
                                                    control.models(),
                                                    guard,
                                                    OutputFilter.load(guard.config()),
                                                    home.journal(),
                                                    GatewayParts.Receipts.of(home.journal()),
                                                    watch.metrics(),
                                                    parts.own(new Spending(home.spending(), clock)),
                                                    identities.listening(home.server()),
                                                    home.client(),
                                                    clock)
                                            .keeping(
                                                    KeptVectors.open(settings, home, clock, parts)),
                                    OwnSegment.egress(settings)));
            follow(control, gateway, enlisted, link);
            // Without a first word everything is answered 503: better late than not at all.
            if (control.awaitFirst(FIRST_WORD)) {
                Installation.requireRoles(config, control::roles);
            }
            HealthListener health = parts.own(enlisted.health(settings, control));
            started = true;
            return new ServedGateway(parts, gateway, health);
        } finally {
            if (!started) {
                parts.close();
            }
        }
    }

    private static LinkSettings link(Settings settings) {
        return settings.section("link", LinkSettings.class, LinkSettings.defaults());
    }

    /** Watches what this gateway records, and sends it on to where the settings say. */
    private static Watch watch(WorkloadHome home, Settings settings, Clock clock, Lifecycle parts) {
        Watch watch =
                new Watch(WatchConfig.defaults(), clock, alert -> home.journal().submit(alert));
        home.measure(watch.metrics());
        home.journal()
                .onAppended(entry -> watch.observe(entry.index(), entry.event(), entry.when()));
        var unused =
                parts.own(
                        home.export(
                                ExportTargets.of(
                                        Installation.keeping(settings).journal().exporters()),
                                watch.metrics()));
        return watch;
    }

    @Override
    public Map<String, URI> listening() {
        Map<String, URI> listening = new LinkedHashMap<>();
        listening.put("gateway", UpCommand.address(gateway.address().getPort()));
        health.tell(listening);
        return listening;
    }

    @Override
    public void close() {
        parts.close();
    }
}
