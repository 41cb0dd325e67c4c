package atlas.node;

import atlas.core.Glob;
import atlas.core.ModelRef;
import atlas.node.dialect.Dialect;
import atlas.node.dialect.Refused;
import atlas.node.engine.EngineProvider;
import atlas.node.engine.embedded.EmbeddedEngine;
import atlas.node.engine.onnx.OnnxEmbedder;
import atlas.node.engine.process.ProcessEngine;
import atlas.node.memory.MemoryGuard;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A running node: HTTPS with client certificates in front, engines behind. Thread-safe. Closing
 * stops listening, ends every answer, and wipes every model.
 */
public final class NodeProcess implements AutoCloseable {
    private static final Duration ENGINE_PATIENCE = Duration.ofMinutes(5);

    private final Lifecycle lifecycle;
    private final LoadJourney models;
    private final HttpEdge edge;

    private NodeProcess(Lifecycle lifecycle, LoadJourney models, HttpEdge edge) {
        this.lifecycle = lifecycle;
        this.models = models;
        this.edge = edge;
    }

    /** Starts listening; no model is loaded yet. Throws what the edge throws when it cannot. */
    public static NodeProcess start(NodeConfig config, NodeParts parts) {
        Lifecycle lifecycle = new Lifecycle();
        try {
            boolean processSealed = config.undumpable() && MemoryGuard.sealProcess();
            LoadJourney models =
                    lifecycle.own(
                            new LoadJourney(
                                    config,
                                    parts,
                                    special(config),
                                    new EmbeddedEngine(),
                                    config.onnx()
                                            ? Optional.of(new OnnxEmbedder())
                                            : Optional.empty()));
            lifecycle.own(Reverification.start(models, config.reverifyEvery()));
            Dialect dialect =
                    new Dialect(config.maxAnswerTokens(), config.temperature(), parts.clock());
            NodeStatus status = new NodeStatus(config, models, processSealed);
            NodeHandler handler =
                    new NodeHandler(config, parts.trustDomain(), models, dialect, status);
            EdgeConfig edge =
                    new EdgeConfig(
                            config.name(),
                            new InetSocketAddress(config.listenAddress(), config.listenPort()),
                            parts.tls(),
                            ClientAuth.REQUIRED,
                            config.limits());
            return new NodeProcess(lifecycle, models, lifecycle.own(HttpEdge.start(edge, handler)));
        } catch (RuntimeException | Error e) {
            lifecycle.close();
            throw e;
        }
    }

    private static Map<Glob, EngineProvider> special(NodeConfig config) {
        Map<Glob, EngineProvider> special = new LinkedHashMap<>();
        for (NodeConfig.ProcessEngine engine : config.processEngine()) {
            ProcessEngine.Settings settings =
                    new ProcessEngine.Settings(
                            List.of(engine.binary()),
                            engine.sha256(),
                            Path.of(engine.socketDirectory()),
                            engine.threads(),
                            ENGINE_PATIENCE,
                            ENGINE_PATIENCE);
            special.put(new Glob(engine.models()), new ProcessEngine(settings));
        }
        return special;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return edge.address();
    }

    /** How bringing a model into service ended. */
    public sealed interface LoadOutcome {
        /** It serves now. */
        record Loaded(ModelRef ref, Duration took) implements LoadOutcome {}

        /** It does not; the journal says so too. */
        record NotLoaded(String code, String reason) implements LoadOutcome {}
    }

    /** Brings a model into service; blocks until it serves or is refused. */
    public LoadOutcome load(ModelRef ref) {
        try {
            LoadedModel model = models.load(ref);
            return new LoadOutcome.Loaded(ref, model.loadTime());
        } catch (Refused e) {
            return new LoadOutcome.NotLoaded(e.code(), e.reason());
        }
    }

    /** Hashes what runs at once, as the node does from time to time. */
    void reverify() {
        Reverification.round(models);
    }

    /** New connections use another certificate. */
    public void reload(TlsIdentity tls) {
        edge.reload(tls);
    }

    /** Takes no new work and waits for what is under way; false when patience ran out first. */
    public boolean drain(Duration patience) {
        return edge.drain(patience);
    }

    @Override
    public void close() {
        lifecycle.close();
    }
}
