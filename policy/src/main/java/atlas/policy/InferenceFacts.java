package atlas.policy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What an inference request asks for, as far as policy may look at it; never its text.
 *
 * @param operation {@code chat}, {@code text_completion} or {@code embeddings}
 * @param classification how sensitive the caller says the data is
 * @param promptTokens an estimate from the length of the text
 * @param output how the answer is asked for
 * @param tools names of the tools offered to the model
 */
public record InferenceFacts(
        String operation,
        Classification classification,
        long promptTokens,
        Sampling sampling,
        Output output,
        List<String> tools) {

    public InferenceFacts {
        tools = List.copyOf(tools);
    }

    /**
     * No request in particular: whether there is one that would be permitted. What conditions say
     * of requests then forbids nothing, and permits what their heads permit.
     */
    public static final InferenceFacts ANY =
            new InferenceFacts(
                    "*", Classification.PUBLIC, 0, Sampling.USUAL, Output.PLAIN, List.of());

    /** The simplest request there is. */
    public static InferenceFacts plainly(String operation, Classification classification) {
        return new InferenceFacts(
                operation, classification, 0, Sampling.USUAL, Output.PLAIN, List.of());
    }

    /** How sensitive data is, in rising order. */
    public enum Classification {
        PUBLIC,
        INTERNAL,
        CONFIDENTIAL,
        RESTRICTED;

        private final String wireName = name().toLowerCase(java.util.Locale.ROOT);

        /** The name in headers, files and conditions. */
        public String wireName() {
            return wireName;
        }

        /** The classification with this name; empty when there is none. */
        public static Optional<Classification> ofWireName(String name) {
            for (Classification one : values()) {
                if (one.wireName.equals(name)) {
                    return Optional.of(one);
                }
            }
            return Optional.empty();
        }
    }

    /** Limits and temperature; empty where the request leaves them to the model. */
    public record Sampling(OptionalLong maxTokens, OptionalDouble temperature) {
        /** Nothing is asked for. */
        public static final Sampling USUAL =
                new Sampling(OptionalLong.empty(), OptionalDouble.empty());
    }

    /**
     * How the answer is asked for.
     *
     * @param responseFormat {@code text}, {@code json_object} or {@code json_schema}
     */
    public record Output(boolean stream, boolean logprobs, String responseFormat) {
        /** A whole answer of plain text. */
        public static final Output PLAIN = new Output(false, false, "text");
    }
}
