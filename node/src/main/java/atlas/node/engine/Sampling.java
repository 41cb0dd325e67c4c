package atlas.node.engine;

import java.util.OptionalLong;

/**
 * How the next token is chosen. Values that mean nothing (not a number, negative, out of range) are
 * refused here, before any engine sees them.
 *
 * @param temperature 0 takes the likeliest token
 * @param topK 0 considers all
 * @param seed makes the choice repeatable; a fresh one is drawn when absent
 */
public record Sampling(
        double temperature,
        int topK,
        double topP,
        double frequencyPenalty,
        double presencePenalty,
        OptionalLong seed) {
    public Sampling {
        within("temperature", temperature, 0, 2);
        within("top_k", topK, 0, Integer.MAX_VALUE);
        within("top_p", topP, 0, 1);
        within("frequency_penalty", frequencyPenalty, -2, 2);
        within("presence_penalty", presencePenalty, -2, 2);
    }

    /** Always the likeliest token. */
    public static Sampling greedy() {
        return new Sampling(0, 0, 1, 0, 0, OptionalLong.empty());
    }

    private static void within(String name, double value, double least, double most) {
        // Written so that a value that is not a number fails too.
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(
                    "`" + name + "` must be between " + least + " and " + most);
        }
    }
}
