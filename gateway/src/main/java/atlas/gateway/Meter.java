package atlas.gateway;

import atlas.gateway.openai.AnswerSummary;
import atlas.identity.spending.Spending.Reservation;
import org.jspecify.annotations.Nullable;

/**
 * What one request used of its key's budget, told once when it has ended. Whoever hangs up before
 * the engine has counted pays for what was held or seen: otherwise hanging up would be free.
 */
final class Meter {
    /** For a key that has no budget. */
    static final Meter FREE = new Meter(null, 0, false);

    private final @Nullable Reservation held;
    private final long promptTokens;
    private final boolean stream;

    Meter(@Nullable Reservation held, long promptTokens, boolean stream) {
        this.held = held;
        this.promptTokens = promptTokens;
        this.stream = stream;
    }

    /** The engine was asked; this is what came of it. The first word counts. */
    void ended(String status, AnswerSummary summary) {
        if (held != null) {
            held.settle(used(held, status, summary));
        }
    }

    /** Nothing was asked of an engine, unless {@link #ended} said otherwise. */
    void close() {
        if (held != null) {
            held.settle(0);
        }
    }

    private long used(Reservation of, String status, AnswerSummary summary) {
        if (summary.inputTokens() > 0) {
            return summary.inputTokens() + summary.outputTokens();
        }
        if (status.equals("failed") && summary.outputTokens() == 0) {
            return 0;
        }
        return stream ? promptTokens + summary.outputTokens() : of.tokens();
    }
}
