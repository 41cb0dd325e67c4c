package atlas.gateway.openai;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was read of an answer, whole or one chunk of it: only fields that are passed on. */
final class Answer {
    final List<Choice> choices = new ArrayList<>(1);
    @Nullable Usage usage;

    /** Tokens as the engine counted them. */
    record Usage(long promptTokens, long completionTokens, long totalTokens) {}

    /** One choice; in a chunk, what came to it. */
    static final class Choice {
        int index;
        boolean speaks;
        @Nullable String content;
        @Nullable String refusal;
        @Nullable String reasoning;
        @Nullable String finishReason;
        final List<Call> calls = new ArrayList<>(0);
    }

    /** One tool call; in a chunk, what came to it. */
    static final class Call {
        int index;
        @Nullable String name;
        @Nullable String arguments;
    }
}
