package atlas.node.engine;

import java.util.Optional;
import java.util.Set;

/** One kind of engine. Implementations are thread-safe and hold no model themselves. */
public interface EngineProvider {
    /** The word for this kind in configuration and in the journal. */
    String id();

    /** What it can read. */
    Set<WeightFormat> formats();

    /** Why this machine cannot run it; empty when it can. */
    Optional<String> obstacle();

    /**
     * Loads the weights and warms up; blocks until the engine is ready to answer.
     *
     * @throws EngineRefusal when the file is broken, or of a kind this engine does not run
     * @throws EngineException when the machine failed
     */
    InferenceEngine open(EngineSpec spec, Weights weights) throws EngineRefusal;
}
