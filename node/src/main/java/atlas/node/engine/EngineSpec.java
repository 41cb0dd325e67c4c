package atlas.node.engine;

/**
 * What an engine may use for one model.
 *
 * @param alias the name the model is served under
 * @param contextTokens most tokens of prompt and answer together; the model's own limit when
 *     smaller
 * @param maxStreams requests worked on at the same time
 * @param maxWaiting requests that may wait for a turn; more are refused at once
 */
public record EngineSpec(String alias, int contextTokens, int maxStreams, int maxWaiting) {
    public EngineSpec {
        if (alias.isEmpty()) {
            throw new IllegalArgumentException("an engine needs an alias for its model");
        }
        if (contextTokens < 1 || maxStreams < 1 || maxWaiting < 0) {
            throw new IllegalArgumentException("engine limits must be positive");
        }
    }

    /** Limits that suit a small machine. */
    public static EngineSpec of(String alias) {
        return new EngineSpec(alias, 4096, 8, 64);
    }
}
