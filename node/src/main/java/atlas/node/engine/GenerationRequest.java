package atlas.node.engine;

import java.util.List;

/**
 * One request for text.
 *
 * @param maxTokens most tokens of answer
 * @param stop texts that end the answer and are not part of it; at most 8, of 1 to 256 characters
 */
public record GenerationRequest(
        Prompt prompt, int maxTokens, Sampling sampling, List<String> stop) {
    /** Most stop texts in a request. */
    public static final int MAX_STOPS = 8;

    public GenerationRequest {
        stop = List.copyOf(stop);
        if (maxTokens < 1) {
            throw new IllegalArgumentException("`max_tokens` must be at least 1");
        }
        if (stop.size() > MAX_STOPS) {
            throw new IllegalArgumentException("`stop` has at most " + MAX_STOPS + " texts");
        }
        if (stop.stream().anyMatch(text -> text.isEmpty() || text.length() > 256)) {
            throw new IllegalArgumentException("a `stop` text has 1 to 256 characters");
        }
    }
}
