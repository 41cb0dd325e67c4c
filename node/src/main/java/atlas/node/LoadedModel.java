package atlas.node;

import atlas.core.ModelRef;
import atlas.node.engine.InferenceEngine;
import atlas.node.memory.MemoryGuard.Protection;
import atlas.registry.ModelVersion;
import atlas.registry.OpenedModel;
import java.time.Duration;
import java.time.Instant;

/** A model that serves: what was verified, the memory it lies in, and the engine that reads it. */
record LoadedModel(
        ModelVersion version,
        OpenedModel opened,
        InferenceEngine engine,
        String engineId,
        Protection protection,
        Instant since,
        Duration loadTime)
        implements AutoCloseable {

    ModelRef ref() {
        return version.ref();
    }

    /** Names the exact weights in every answer. */
    String fingerprint() {
        return "atlas-" + version.rootDigest().hex().substring(0, 16);
    }

    /** Ends the engine first, then wipes the memory it read. */
    @Override
    public void close() {
        engine.close();
        opened.close();
    }
}
