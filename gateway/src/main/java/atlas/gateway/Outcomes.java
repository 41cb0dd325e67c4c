package atlas.gateway;

import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.AuditEvent.ModelIdentity;
import atlas.core.AuditLog;
import atlas.core.AuditLog.Receipt;
import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.gateway.openai.AnswerSummary;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** Records how one recorded intent ended, exactly once. Safe to race: the first end counts. */
final class Outcomes {
    private static final AnswerSummary NOTHING =
            new AnswerSummary(List.of(), List.of(), 0, 0, false, GuardReport.skipped(0), "");
    private static final Digest OF_NOTHING = Hashes.sha256(new byte[0]);

    private final Trip trip;
    private final long intent;
    private final ModelIdentity model;
    private final AuditLog journal;
    private final Recording recording;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile Duration toFirst = Duration.ZERO;

    Outcomes(Trip trip, long intent, ModelIdentity model, AuditLog journal, Recording recording) {
        this.trip = trip;
        this.intent = intent;
        this.model = model;
        this.journal = journal;
        this.recording = recording;
    }

    /** Index of the intent in the journal. */
    long intent() {
        return intent;
    }

    ModelIdentity model() {
        return model;
    }

    Recording recording() {
        return recording;
    }

    Trip trip() {
        return trip;
    }

    /** Notes that the first byte of the answer is leaving now. */
    void first() {
        toFirst = trip.elapsed();
    }

    Duration toFirst() {
        return toFirst;
    }

    boolean ended() {
        return ended.get();
    }

    /** Whether the caller is the first to end this; only then may it record how. */
    boolean claim() {
        return ended.compareAndSet(false, true);
    }

    /** Records an end with nothing of an answer to show for it. */
    CompletableFuture<Receipt> without(String status, String error) {
        return with(status, NOTHING, 0, OF_NOTHING, error);
    }

    /** Records an end; the future completes when it is durable. Only after {@link #claim}. */
    CompletableFuture<Receipt> with(
            String status, AnswerSummary summary, long bytes, Digest digest, String error) {
        trip.meter().ended(status, summary);
        Content answer = recording.answer(bytes, digest, summary.said());
        return journal.submit(
                new InferenceOutcome(
                        trip.exchange().requestId(),
                        trip.actor(),
                        intent,
                        model,
                        trip.node(),
                        status,
                        summary.finishReasons(),
                        recording.toolCalls(summary.toolCalls()),
                        summary.inputTokens(),
                        summary.outputTokens(),
                        toFirst,
                        trip.elapsed(),
                        summary.report(),
                        answer,
                        error));
    }

    /** Waits for an end to be durable, telling a journal that is down from everything else. */
    static Receipt await(CompletableFuture<Receipt> recorded) {
        try {
            return recorded.join();
        } catch (java.util.concurrent.CompletionException e) {
            throw e.getCause() instanceof RuntimeException fault ? fault : e;
        }
    }
}
