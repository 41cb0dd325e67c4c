package atlas.node;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.ModelChanged;
import atlas.core.AuditUnavailableException;
import atlas.core.Glob;
import atlas.core.ModelRef;
import atlas.node.dialect.Refused;
import atlas.node.engine.EngineException;
import atlas.node.engine.EngineProvider;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.WeightFormat;
import atlas.node.engine.Weights;
import atlas.node.memory.MemoryGuard;
import atlas.node.memory.MemoryGuard.Protection;
import atlas.registry.ModelVersion;
import atlas.registry.OpenedModel;
import atlas.registry.RegistryException;
import atlas.registry.RegistryRefusal;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a model into service: verified and decrypted by the registry, protected in memory,
 * loaded by an engine, recorded, and only then served. Whatever fails on the way leaves nothing
 * behind, is journaled, and is answered with the reason. Thread-safe; one model loads at a time.
 */
final class LoadJourney implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LoadJourney.class);

    private final NodeConfig config;
    private final NodeParts parts;
    private final Map<Glob, EngineProvider> special;
    private final EngineProvider usual;
    private final Optional<EngineProvider> onnx;
    // Replaced as a whole under the lock of this, read by anyone.
    private volatile Map<String, LoadedModel> loaded = Map.of();
    private boolean closed;

    /**
     * @param special engines for models whose name matches, the first match counts
     * @param usual the engine of all others
     * @param onnx the engine of ONNX models, where they are on
     */
    LoadJourney(
            NodeConfig config,
            NodeParts parts,
            Map<Glob, EngineProvider> special,
            EngineProvider usual,
            Optional<EngineProvider> onnx) {
        this.onnx = onnx;
        this.config = config;
        this.parts = parts;
        this.special = new LinkedHashMap<>(special);
        this.usual = usual;
    }

    /** What serves now. */
    List<LoadedModel> loaded() {
        return List.copyOf(loaded.values());
    }

    Optional<LoadedModel> find(ModelRef ref) {
        return Optional.ofNullable(loaded.get(ref.toString()));
    }

    /** Brings a model into service; at once when it is there. Blocks. */
    synchronized LoadedModel load(ModelRef ref) throws Refused {
        Optional<LoadedModel> there = find(ref);
        if (there.isPresent()) {
            return there.get();
        }
        if (closed) {
            throw new Refused(503, "unavailable", "this node is closing");
        }
        if (loaded.size() >= config.maxModels()) {
            throw new Refused(
                    503, "unavailable", "this node holds as many models as it may, unload one");
        }
        Instant begun = parts.clock().instant();
        OpenedModel opened = open(ref);
        try {
            LoadedModel model = start(opened, begun);
            serve(model);
            return model;
        } catch (Refused | RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    private OpenedModel open(ModelRef ref) throws Refused {
        try {
            return parts.models().openForServing(ref, config.name());
        } catch (RegistryRefusal e) {
            String reason = String.valueOf(e.getMessage());
            recordRefusal(ref, "", "", reason);
            throw refusal(e.why(), reason);
        } catch (RegistryException e) {
            LOG.atError().setCause(e).log("registry failed");
            recordRefusal(ref, "", "", "the registry failed");
            throw new Refused(503, "unavailable", "the model registry failed");
        }
    }

    private static Refused refusal(RegistryRefusal.Cause cause, String reason) {
        return switch (cause) {
            case UNKNOWN -> new Refused(404, "model_not_found", reason);
            case STATE -> new Refused(409, "model_not_deployed", reason);
            case SIGNATURE, CONTENT, ALTERED, FOUR_EYES, QUOTA, INVALID ->
                    new Refused(503, "model_refused", reason);
        };
    }

    private LoadedModel start(OpenedModel opened, Instant begun) throws Refused {
        ModelVersion version = opened.version();
        String file = weightsFile(opened, version.ref());
        MemorySegment bytes = opened.file(file);
        Protection protection = MemoryGuard.protect(bytes);
        EngineSpec spec =
                new EngineSpec(
                        version.ref().name(),
                        config.maxContextTokens(),
                        config.maxStreams(),
                        config.maxWaiting());
        try {
            WeightFormat format = format(file).orElseThrow();
            EngineProvider provider = provider(version.ref().name(), format);
            InferenceEngine engine = provider.open(spec, new Opened(opened, format, bytes));
            Instant now = parts.clock().instant();
            return new LoadedModel(
                    version,
                    opened,
                    engine,
                    provider.id(),
                    protection,
                    now,
                    Duration.between(begun, now));
        } catch (EngineRefusal e) {
            refused(version, e.reason());
            throw new Refused(503, "model_refused", e.reason());
        } catch (EngineException e) {
            LOG.atError().setCause(e).log("engine failed to load a model");
            refused(version, "the engine failed to load it");
            throw new Refused(502, "upstream_error", "the engine failed to load the model");
        }
    }

    private String weightsFile(OpenedModel opened, ModelRef ref) throws Refused {
        List<String> files =
                opened.files().stream().filter(name -> format(name).isPresent()).toList();
        if (files.size() == 1) {
            return files.getFirst();
        }
        String reason = "`" + ref + "` must hold exactly one `.gguf` or `.onnx` file to be served";
        refused(opened.version(), reason);
        throw new Refused(503, "model_refused", reason);
    }

    private static Optional<WeightFormat> format(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        if (name.endsWith(".gguf")) {
            return Optional.of(WeightFormat.GGUF);
        }
        return name.endsWith(".onnx") ? Optional.of(WeightFormat.ONNX) : Optional.empty();
    }

    private EngineProvider provider(String model, WeightFormat format) throws EngineRefusal {
        if (format == WeightFormat.ONNX) {
            return onnx.orElseThrow(() ->
                    new EngineRefusal(
                            EngineRefusal.Kind.UNSUPPORTED,
                            "ONNX models are off on this node, set `onnx: true`"));
        }
        for (Map.Entry<Glob, EngineProvider> entry : special.entrySet()) {
            if (entry.getKey().matches(model)) {
                return entry.getValue();
            }
        }
        return usual;
    }

    /** The weights as engines see them; the registry's handle wipes them. */
    private record Opened(OpenedModel model, WeightFormat format, MemorySegment bytes)
            implements Weights {
        @Override
        public Optional<MemorySegment> companion(String name) {
            return model.files().contains(name) ? Optional.of(model.file(name)) : Optional.empty();
        }

        @Override
        public void close() {
            // The opened model owns the memory.
        }
    }

    /** Records that the model serves; what is not recorded does not serve. */
    private void serve(LoadedModel model) throws Refused {
        try {
            String detail =
                    "engine "
                            + model.engineId()
                            + " on "
                            + config.name()
                            + (model.protection().locked() ? ", memory locked" : "");
            parts.audit().append(event(model.version(), "loaded", detail));
        } catch (AuditUnavailableException e) {
            model.engine().close();
            LOG.atError().setCause(e).log("journal unavailable, model not served");
            throw new Refused(503, "unavailable", "the journal cannot record the load");
        }
        Map<String, LoadedModel> more = new TreeMap<>(loaded);
        more.put(model.ref().toString(), model);
        loaded = more;
        LOG.atInfo()
                .addKeyValue("model", model.ref())
                .addKeyValue("engine", model.engineId())
                .addKeyValue("millis", model.loadTime().toMillis())
                .log("model loaded");
    }

    private static ModelChanged event(ModelVersion version, String change, String detail) {
        return new ModelChanged(
                Actor.system("node"),
                change,
                version.ref().toString(),
                version.rootDigest().hex(),
                version.signer(),
                detail);
    }

    private void refused(ModelVersion version, String reason) {
        recordRefusal(version.ref(), version.rootDigest().hex(), version.signer(), reason);
    }

    private void recordRefusal(ModelRef ref, String digest, String signer, String reason) {
        LOG.atWarn().addKeyValue("model", ref).addKeyValue("reason", reason).log("model refused");
        Actor node = Actor.system("node");
        try {
            parts.audit()
                    .append(
                            new ModelChanged(
                                    node, "refused", ref.toString(), digest, signer, reason));
        } catch (AuditUnavailableException e) {
            // Nothing is served either way; the refusal stands without its record.
            LOG.atError().setCause(e).log("journal unavailable, refusal not recorded");
        }
    }

    /** Takes a model out of service that does not hold any more, unless it is out already. */
    synchronized void withdraw(LoadedModel model, String reason) {
        if (model.equals(loaded.get(model.ref().toString()))) {
            refused(model.version(), reason);
            unload(model.ref());
        }
    }

    /** Takes a model out of service and wipes it; false when it was not there. */
    synchronized boolean unload(ModelRef ref) {
        Map<String, LoadedModel> less = new TreeMap<>(loaded);
        LoadedModel model = less.remove(ref.toString());
        if (model == null) {
            return false;
        }
        loaded = less;
        model.close();
        parts.audit().submit(event(model.version(), "unloaded", "from " + config.name()));
        LOG.atInfo().addKeyValue("model", ref).log("model unloaded");
        return true;
    }

    @Override
    public synchronized void close() {
        closed = true;
        loaded().forEach(model -> unload(model.ref()));
    }
}
