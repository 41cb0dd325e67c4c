package atlas.gateway;

import atlas.core.AuditLog.Receipt;
import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.gateway.openai.AnswerHead;
import atlas.gateway.openai.AnswerRewriter.Rewritten;
import atlas.gateway.openai.AnswerSummary;
import atlas.gateway.openai.BrokenAnswer;
import atlas.gateway.openai.EmbeddingRewriter;
import atlas.gateway.openai.InferenceRequest;
import atlas.gateway.openai.Operation;
import atlas.guard.OutputFilter;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Delivers an answer in one piece: taken whole, filtered, its outcome durable, then sent. */
final class WholeDelivery {
    private final Outcomes outcomes;
    private final InferenceRequest request;
    private final Function<List<String>, OutputFilter.Session> filter;
    private final Exit exit;
    private final AnswerHead head;

    WholeDelivery(
            Outcomes outcomes,
            InferenceRequest request,
            Function<List<String>, OutputFilter.Session> filter,
            Exit exit,
            AnswerHead head) {
        this.outcomes = outcomes;
        this.request = request;
        this.filter = filter;
        this.exit = exit;
        this.head = head;
    }

    void deliver(UpstreamResponse answer, Departure departure, int maxBytes) throws Refused {
        Exchange exchange = outcomes.trip().exchange();
        Rewritten rewritten;
        try (answer) {
            departure.means(answer::cancel);
            rewritten = rewrite(answer.body(maxBytes));
            departure.stays();
        } catch (UpstreamException e) {
            throw Denials.ofEngine(e);
        } catch (BrokenAnswer e) {
            throw new Refused(Refusal.UPSTREAM_ERROR, String.valueOf(e.getMessage()));
        }
        byte[] body = rewritten.body();
        AnswerSummary summary = rewritten.summary();
        String status = summary.filtered() ? "filtered" : "ok";
        Digest digest = Hashes.sha256(body);
        outcomes.first();
        if (outcomes.claim()) {
            CompletableFuture<Receipt> recorded =
                    outcomes.with(status, summary, body.length, digest, "");
            exchange.after(recorded, () -> answer(recorded, status, rewritten));
        }
    }

    /** The outcome is in the journal, or cannot be. */
    private void answer(CompletableFuture<Receipt> recorded, String status, Rewritten rewritten) {
        Trip trip = outcomes.trip();
        try {
            Outcomes.await(recorded);
        } catch (RuntimeException fault) {
            exit.fail(trip, fault);
            return;
        }
        Headers headers =
                Headers.of(
                        "content-type",
                        "application/json",
                        "atlas-journal-entry",
                        Long.toString(outcomes.intent()));
        boolean known = trip.node().equals(AnswerCache.NODE);
        trip.exchange()
                .respond(
                        200,
                        known ? headers.with("atlas-cache", "hit") : headers,
                        rewritten.body());
        exit.served(outcomes, status, rewritten.summary());
    }

    private Rewritten rewrite(byte[] body) throws BrokenAnswer {
        if (request.operation() == Operation.EMBEDDING) {
            return EmbeddingRewriter.rewrite(head.model(), body);
        }
        List<String> secrets = request.protectedTexts();
        return outcomes.trip()
                .dialect()
                .whole(head, body, () -> filter.apply(secrets), outcomes.recording().answerChars());
    }
}
