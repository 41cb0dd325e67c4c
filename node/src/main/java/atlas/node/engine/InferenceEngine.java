package atlas.node.engine;

import java.util.List;

/**
 * A loaded model. Thread-safe. No state passes from one request to another: nobody's prompt is
 * cached for anybody.
 */
public interface InferenceEngine extends AutoCloseable {
    /** What it can do; constant. */
    Capabilities capabilities();

    /**
     * Starts a request; the sink hears the rest. May block until a remote engine has taken it.
     *
     * @throws EngineRefusal when the engine will not take it; the sink then hears nothing
     */
    Generation generate(GenerationRequest request, TokenSink sink) throws EngineRefusal;

    /**
     * Meanings of the texts, in order. Blocks until done.
     *
     * @throws EngineRefusal when the model makes no embeddings, a text is too long or the queue
     *     full
     */
    Embeddings embed(List<String> texts) throws EngineRefusal;

    /** How many prompt tokens this is. */
    int countTokens(Prompt prompt) throws EngineRefusal;

    /** How it is now. */
    EngineHealth health();

    /** Ends every request as cancelled and lets go of the weights, without closing them. */
    @Override
    void close();
}
