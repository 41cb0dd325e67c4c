package atlas.node.engine.embedded;

import atlas.node.engine.EngineException;
import java.util.List;

/** One request in the scheduler. Its methods are called on the decode thread only. */
interface Task {
    /** How many tokens it could read in the next pass; at least one. */
    int due();

    /** Adds its next {@code count} tokens to the batch. */
    void contribute(List<LlamaModel.Row> batch, int count);

    /**
     * Takes what the pass gave.
     *
     * @param first index of its first row in the batch
     * @param at where each row's logits begin
     * @return whether the request has ended
     */
    boolean advance(LlamaModel model, int first, int count, int[] at);

    /** Whether it was called off. */
    boolean cancelled();

    /** Ends it as called off. */
    void stop();

    /** Ends it because the engine broke. */
    void fail(EngineException fault);
}
