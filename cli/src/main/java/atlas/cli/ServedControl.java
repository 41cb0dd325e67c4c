package atlas.cli;

import atlas.control.ControlConfig;
import atlas.control.ControlParts;
import atlas.control.ControlParts.OwnSvid;
import atlas.control.ControlProcess;
import atlas.control.TrustRoot;
import atlas.policy.PolicyConfig;
import atlas.runtime.Lifecycle;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The control plane alone: the home, what {@code up} shows people, and the door for the others. */
final class ServedControl implements Served {
    private static final int INTERNAL_PORT = 9444;

    private final Lifecycle parts;
    private final ControlProcess control;
    private final HealthListener health;

    private ServedControl(Lifecycle parts, ControlProcess control, HealthListener health) {
        this.parts = parts;
        this.control = control;
        this.health = health;
    }

    static ServedControl start(
            Path home, Settings settings, Path shippedModels, Clock clock, Consumer<String> say) {
        Lifecycle parts = new Lifecycle();
        boolean started = false;
        try {
            TrustRoot trust =
                    parts.own(
                            TrustRoot.openOrCreate(home, Installation.trustRoot(settings), clock));
            if (trust.firstStart()) {
                say.accept("atlas: made a trust root in " + home);
            }
            new ShippedModels(shippedModels, trust, say).install();
            WorkloadIdentities identities =
                    parts.own(WorkloadIdentities.ofControl(Installation.identity(settings), trust));
            Believed believed = Believed.open(settings, trust, identities, clock, parts);
            ControlConfig config = config(settings);
            Optional<OwnSvid> svid = identities.own("control");
            agree(config, svid);
            ControlProcess control =
                    parts.own(
                            ControlProcess.start(
                                    config,
                                    new ControlParts(
                                            trust,
                                            believed.authenticator(),
                                            believed.tokens(),
                                            trust.policy(
                                                    settings.section(
                                                            "policy",
                                                            PolicyConfig.class,
                                                            PolicyConfig.defaults()),
                                                    clock),
                                            Optional.empty(),
                                            believed.login(),
                                            svid,
                                            ExportTargets.of(
                                                    Installation.keeping(settings)
                                                            .journal()
                                                            .exporters()),
                                            ControlParts.Beside.nothing(),
                                            clock)));
            identities.onChange(control::renew);
            HealthListener health = parts.own(Installation.health(settings, trust, "control"));
            PostureGate.pass(settings, control);
            started = true;
            return new ServedControl(parts, control, health);
        } finally {
            if (!started) {
                parts.close();
            }
        }
    }

    // One fleet has one source of identities: who comes by SVID looks for a control plane with one.
    private static void agree(ControlConfig config, Optional<OwnSvid> svid) {
        if (svid.isEmpty() && !config.admit().isEmpty()) {
            throw Stop.usage(
                    "`control.admit` lets gateways and nodes in by SVID, and this control plane has"
                            + " none to show them; say `identity.workload-api`, or"
                            + " `identity.svid-files` for `control`");
        }
        if (svid.isPresent() && config.admit().isEmpty()) {
            throw Stop.usage(
                    "this control plane has an SVID, so gateways and nodes come by theirs; say in"
                            + " `control.admit` which");
        }
        svid.ifPresent(own -> {
            String domain = "spiffe://" + own.id().trustDomain() + "/";
            config.admit().stream()
                    .filter(a -> !a.spiffeId().startsWith(domain))
                    .findFirst()
                    .ifPresent(a -> {
                        throw Stop.usage(
                                "`control.admit` names `%s`, which is not of `%s`; a fleet has one trust domain"
                                        .formatted(a.spiffeId(), domain));
                    });
        });
    }

    private static ControlConfig config(Settings settings) {
        ControlConfig given =
                settings.section("control", ControlConfig.class, ControlConfig.defaults());
        return given.internalPort().isPresent() ? given : given.withInternalPort(INTERNAL_PORT);
    }

    @Override
    public Map<String, URI> listening() {
        Map<String, URI> listening = new LinkedHashMap<>();
        listening.put("control", UpCommand.address(control.address().getPort()));
        control.linkAddress().ifPresent(a -> listening.put("link", UpCommand.address(a.getPort())));
        health.tell(listening);
        return listening;
    }

    @Override
    public void close() {
        parts.close();
    }
}
