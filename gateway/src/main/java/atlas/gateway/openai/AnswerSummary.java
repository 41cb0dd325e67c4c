package atlas.gateway.openai;

import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.ToolCall;
import java.util.List;

/**
 * What an answer came to, for the record.
 *
 * @param filtered whether anything was taken out of it
 * @param toolCalls the tools it calls, as it was let out
 * @param said the texts that were let out, as JSON
 */
public record AnswerSummary(
        List<String> finishReasons,
        List<ToolCall> toolCalls,
        long inputTokens,
        long outputTokens,
        boolean filtered,
        GuardReport report,
        String said) {
    public AnswerSummary {
        finishReasons = List.copyOf(finishReasons);
        toolCalls = List.copyOf(toolCalls);
    }
}
