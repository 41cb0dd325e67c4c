package atlas.gateway.openai;

import atlas.core.AuditEvent.GuardReport;
import java.util.List;

/**
 * What an answer came to, for the record.
 *
 * @param filtered whether anything was taken out of it
 * @param said the texts that were let out, as JSON
 */
public record AnswerSummary(
        List<String> finishReasons,
        long inputTokens,
        long outputTokens,
        boolean filtered,
        GuardReport report,
        String said) {
    public AnswerSummary {
        finishReasons = List.copyOf(finishReasons);
    }
}
