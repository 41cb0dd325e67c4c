package atlas.gateway;

import atlas.gateway.anthropic.MessageEvents;
import atlas.gateway.anthropic.MessageWriter;
import atlas.gateway.openai.AnswerHead;
import atlas.gateway.openai.AnswerRewriter;
import atlas.gateway.openai.AnswerRewriter.Rewritten;
import atlas.gateway.openai.BrokenAnswer;
import atlas.gateway.openai.InferenceRequest;
import atlas.gateway.openai.StreamRewriter;
import atlas.guard.OutputFilter;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** In whose words a caller is answered; nothing else of a journey depends on it. */
enum Dialect {
    OPENAI,
    ANTHROPIC;

    static final String MESSAGES = "/v1/messages";
    static final String COUNT = MESSAGES + "/count_tokens";

    /** The dialect of a path, also of one that leads nowhere. */
    static Dialect of(String path) {
        return path.equals(MESSAGES) || path.startsWith(MESSAGES + "/") ? ANTHROPIC : OPENAI;
    }

    /** The body of a refusal. */
    byte[] problem(Refused refused, String requestId) {
        return switch (this) {
            case OPENAI -> GatewayProblems.body(refused);
            case ANTHROPIC -> GatewayProblems.anthropicBody(refused, requestId);
        };
    }

    /** The last event of a stream that failed. */
    byte[] brokenOff(Refused refused, String requestId) {
        String event =
                switch (this) {
                    case OPENAI -> "";
                    case ANTHROPIC -> "event: error\n";
                };
        String body = new String(problem(refused, requestId), StandardCharsets.UTF_8);
        return (event + "data: " + body + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Rewrites a stream as it passes. */
    StreamRewriter stream(
            AnswerHead head,
            InferenceRequest request,
            Supplier<OutputFilter.Session> filters,
            int maxRecordedChars) {
        return switch (this) {
            case OPENAI ->
                    new StreamRewriter(head, request.usageAsked(), filters, maxRecordedChars);
            case ANTHROPIC ->
                    new StreamRewriter(
                            head.operation(),
                            new MessageEvents(head, Asking.promptTokens(request.parts())),
                            false,
                            filters,
                            maxRecordedChars);
        };
    }

    /** Rewrites a whole answer. */
    Rewritten whole(
            AnswerHead head,
            byte[] body,
            Supplier<OutputFilter.Session> filters,
            int maxRecordedChars)
            throws BrokenAnswer {
        return switch (this) {
            case OPENAI -> AnswerRewriter.rewrite(head, body, filters, maxRecordedChars);
            case ANTHROPIC ->
                    AnswerRewriter.rewrite(
                            head,
                            body,
                            filters,
                            maxRecordedChars,
                            answer -> MessageWriter.write(head, answer));
        };
    }
}
