package atlas.gateway;

import atlas.core.AuditLog.Receipt;
import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.gateway.openai.AnswerHead;
import atlas.gateway.openai.AnswerSummary;
import atlas.gateway.openai.BrokenAnswer;
import atlas.gateway.openai.InferenceRequest;
import atlas.gateway.openai.StreamRewriter;
import atlas.guard.OutputFilter;
import atlas.runtime.http.ByteSink;
import atlas.runtime.http.Headers;
import atlas.runtime.http.StreamFilter;
import atlas.runtime.http.UpstreamResponse;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers an answer while it is made. Everything passes the rewriter on the event loop; the last
 * event, {@code [DONE]} or an error, leaves when the outcome is durable, and never if it cannot be.
 * Fields are written on the event loop; the thread of the request reads them after the relay.
 */
final class StreamDelivery implements StreamFilter {
    private static final Logger LOG = LoggerFactory.getLogger(StreamDelivery.class);

    private final Outcomes outcomes;
    private final Exit exit;
    private final StreamRewriter rewriter;
    private final MessageDigest sent = Hashes.sha256();
    private final ByteSink counting = this::count;
    private final Departure departure;
    private @Nullable UpstreamResponse answer;
    private @Nullable ByteSink sink;
    private long sentBytes;
    private boolean over;
    private String error = "";
    private String status = "failed";

    StreamDelivery(
            Outcomes outcomes,
            InferenceRequest request,
            Function<List<String>, OutputFilter.Session> filter,
            Exit exit,
            AnswerHead head,
            Departure departure) {
        this.outcomes = outcomes;
        this.exit = exit;
        this.departure = departure;
        List<String> secrets = request.protectedTexts();
        this.rewriter =
                outcomes.trip().dialect().stream(
                        head,
                        request,
                        () -> filter.apply(secrets),
                        outcomes.recording().answerChars());
    }

    /** Relays the answer; returns when it has ended in any way and its outcome is recorded. */
    void deliver(UpstreamResponse from) throws Refused {
        String type = from.headers().first("content-type").orElse("");
        if (!type.startsWith("text/event-stream")) {
            from.close();
            throw new Refused(Refusal.UPSTREAM_ERROR, "engine did not stream");
        }
        answer = from;
        Trip trip = outcomes.trip();
        trip.begin();
        departure.means(() -> withdraw(from));
        try {
            trip.exchange()
                    .relay(
                            200,
                            Headers.of(
                                    "content-type",
                                    "text/event-stream",
                                    "cache-control",
                                    "no-store",
                                    "atlas-journal-entry",
                                    Long.toString(outcomes.intent())),
                            from,
                            this);
        } catch (RuntimeException fault) {
            LOG.atError()
                    .setCause(fault)
                    .addKeyValue("request", trip.exchange().requestId())
                    .log("a stream could not be relayed");
        } finally {
            departure.stays();
            settle();
        }
    }

    /**
     * A client that leaves is the relay's business; the rest ends the engine, and so the stream.
     */
    private void withdraw(UpstreamResponse from) {
        if (departure.withdrawn().isPresent()) {
            from.cancel();
        }
    }

    @Override
    public void chunk(byte[] buffer, int offset, int length, ByteSink out) {
        if (over) {
            return;
        }
        sink = out;
        try {
            rewriter.feed(buffer, offset, length, counting);
            if (rewriter.stoppedByFilter()) {
                stop("");
            }
        } catch (BrokenAnswer e) {
            stop(String.valueOf(e.getMessage()));
        } catch (UncheckedIOException left) {
            throw left;
        } catch (RuntimeException fault) {
            stop("the output filter failed");
            throw fault;
        }
    }

    @Override
    public CompletionStage<Void> end(Optional<Throwable> upstreamFailure, ByteSink out) {
        sink = out;
        if (rewriter.stoppedByFilter() || (whole() && upstreamFailure.isEmpty())) {
            try {
                byte[] ending = rewriter.ending();
                count(ending, 0, ending.length);
                AnswerSummary summary = rewriter.summary();
                return recorded(summary.filtered() ? "filtered" : "ok", summary);
            } catch (BrokenAnswer e) {
                error = String.valueOf(e.getMessage());
            }
        }
        Optional<Refused> withdrawn = departure.withdrawn();
        if (withdrawn.isPresent()) {
            Refused why = withdrawn.get();
            error = why.reason();
            return broken(why.refusal() == Refusal.ACCESS_REVOKED ? Exit.REVOKED : "failed", why);
        }
        if (error.isEmpty()) {
            error =
                    upstreamFailure.isPresent()
                            ? "engine broke off"
                            : "engine ended its stream early";
        }
        return broken("failed", new Refused(Refusal.UPSTREAM_ERROR, error));
    }

    private CompletionStage<Void> broken(String how, Refused told) {
        Trip trip = outcomes.trip();
        byte[] last = trip.dialect().brokenOff(told, trip.exchange().requestId());
        count(last, 0, last.length);
        return recorded(how, rewriter.summary());
    }

    @Override
    public void cancelled() {
        // The thread of the request is on its way to settle this, and may block where we may not.
    }

    private boolean whole() {
        return error.isEmpty() && rewriter.complete();
    }

    /** Nothing more of the engine is wanted. */
    private void stop(String why) {
        over = true;
        error = why;
        UpstreamResponse from = answer;
        if (from != null) {
            from.cancel();
        }
    }

    private void count(byte[] bytes, int offset, int length) {
        if (sentBytes == 0) {
            outcomes.first();
        }
        sentBytes += length;
        sent.update(bytes, offset, length);
        ByteSink out = sink;
        if (out != null) {
            out.write(bytes, offset, length);
        }
    }

    private CompletionStage<Void> recorded(String how, AnswerSummary summary) {
        if (!outcomes.claim()) {
            return CompletableFuture.completedFuture(null);
        }
        status = how;
        CompletableFuture<Receipt> receipt =
                outcomes.with(how, summary, sentBytes, Digest.of(sent.digest()), error);
        return receipt.thenAccept(_ -> {});
    }

    /** Whatever ended the relay, the intent has an outcome and the request its one line. */
    private void settle() {
        if (outcomes.claim()) {
            if (error.isEmpty()) {
                // Neither the engine ended it nor a fault of ours: the client did.
                status = "cancelled";
                error = "client left";
            }
            try {
                Outcomes.await(
                        outcomes.with(
                                status,
                                rewriter.summary(),
                                sentBytes,
                                Digest.of(sent.digest()),
                                error));
            } catch (RuntimeException fault) {
                LOG.atError()
                        .setCause(fault)
                        .addKeyValue("request", outcomes.trip().exchange().requestId())
                        .log("an outcome could not be recorded");
            }
        }
        exit.served(outcomes, status, rewriter.summary());
    }
}
