package atlas.gateway.openai;

import java.util.List;

/**
 * A whole answer to a request for one, as the filter let it out.
 *
 * @param finishReason in OpenAI's words
 * @param touched whether the filter took anything out of it
 */
public record OneAnswer(
        String text,
        List<Call> calls,
        String finishReason,
        boolean touched,
        long inputTokens,
        long outputTokens) {
    public OneAnswer {
        calls = List.copyOf(calls);
    }

    /** A tool that is called, with its arguments as JSON, if the engine kept to it. */
    public record Call(String name, String arguments) {}

    /** Puts an answer into the words of whoever asked. */
    public interface Form {
        byte[] write(OneAnswer answer) throws BrokenAnswer;
    }
}
