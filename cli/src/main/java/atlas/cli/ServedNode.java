package atlas.cli;

import atlas.control.ControlLink;
import atlas.control.WorkloadHome;
import atlas.node.NodeConfig;
import atlas.node.NodeParts;
import atlas.node.NodeProcess;
import atlas.registry.FetchedModels;
import atlas.registry.ModelVersion;
import atlas.registry.RegistryException;
import atlas.registry.ServingModels;
import atlas.runtime.Lifecycle;
import atlas.watch.Metrics;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node alone: it loads what the control plane deployed, and verifies it for itself. */
final class ServedNode implements Served {
    private static final Logger LOG = LoggerFactory.getLogger(ServedNode.class);
    private static final Duration FIRST_WORD = Duration.ofSeconds(10);

    private final Lifecycle parts;
    private final NodeProcess node;
    private final HealthListener health;

    private ServedNode(Lifecycle parts, NodeProcess node, HealthListener health) {
        this.parts = parts;
        this.node = node;
        this.health = health;
    }

    static ServedNode start(Enlisted enlisted, Settings settings, Clock clock, Consumer<String> say)
            throws InterruptedException {
        WorkloadHome home = enlisted.home();
        Lifecycle parts = new Lifecycle();
        boolean started = false;
        try {
            LinkSettings link =
                    settings.section("link", LinkSettings.class, LinkSettings.defaults());
            NodeConfig config = Installation.nodeConfig(settings).named(home.name());
            ControlLink control = parts.own(new ControlLink(home, link.maxAge(), clock));
            // A node has no numbers to scrape: how far its exporters are is in its log.
            var unused =
                    parts.own(
                            home.export(
                                    ExportTargets.of(
                                            Installation.keeping(settings).journal().exporters()),
                                    new Metrics()));
            FetchedModels models = control.fetchedModels();
            NodeProcess node =
                    parts.own(
                            NodeProcess.start(
                                    config,
                                    new NodeParts(
                                            models::openForServing,
                                            home.journal(),
                                            home.shown(),
                                            home.trustDomain(),
                                            clock)));
            Runnable renewal =
                    () -> {
                        node.reload(home.shown());
                        control.reload();
                    };
            enlisted.identities().onChange(renewal);
            control.start(
                    InetSocketAddress.createUnresolved(link.advertise(), node.address().getPort()),
                    renewal);
            if (control.awaitFirst(FIRST_WORD)) {
                load(control.models(), node, say);
            }
            HealthListener health = parts.own(enlisted.health(settings, control));
            started = true;
            return new ServedNode(parts, node, health);
        } finally {
            if (!started) {
                parts.close();
            }
        }
    }

    // What is deployed later is put on this node by the control plane, before callers meet it.
    private static void load(ServingModels models, NodeProcess node, Consumer<String> say) {
        List<ModelVersion> deployed;
        try {
            deployed = models.list();
        } catch (RegistryException e) {
            LOG.atWarn().setCause(e).log("nothing loaded yet");
            return;
        }
        for (ModelVersion version : deployed) {
            say.accept(Installation.told(node.load(version.ref()), version));
        }
    }

    @Override
    public Map<String, URI> listening() {
        Map<String, URI> listening = new LinkedHashMap<>();
        listening.put("node", UpCommand.address(node.address().getPort()));
        health.tell(listening);
        return listening;
    }

    @Override
    public void close() {
        parts.close();
    }
}
