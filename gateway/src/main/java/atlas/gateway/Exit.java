package atlas.gateway;

import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.AuditLog;
import atlas.gateway.openai.AnswerSummary;
import atlas.guard.Inspection;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.watch.Metrics;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way out of every journey: records a refusal, answers, counts, and writes one line. A
 * refusal that cannot be recorded becomes {@code unavailable}. Never throws.
 */
final class Exit {
    private static final Logger LOG = LoggerFactory.getLogger(Exit.class);

    /** How an outcome ends whose permission was taken back under way. */
    static final String REVOKED = "revoked";

    private final AuditLog journal;
    private final Recording recording;
    private final Strangers strangers;
    private final Metrics metrics;

    Exit(AuditLog journal, Recording recording, Strangers strangers, Metrics metrics) {
        this.journal = journal;
        this.recording = recording;
        this.strangers = strangers;
        this.metrics = metrics;
    }

    /** Answers with a refusal, once it is recorded. */
    void refuse(Trip trip, Refused refused) {
        Refused told = refused;
        try {
            note(trip, refused);
        } catch (RuntimeException fault) {
            log(trip, fault);
            told = new Refused(GatewayProblems.of(fault), "recording the refusal failed");
        }
        answer(trip, told);
    }

    /** Answers after a fault: a room that is down, or a defect. */
    void fail(Trip trip, RuntimeException fault) {
        log(trip, fault);
        refuse(trip, new Refused(GatewayProblems.of(fault), fault.getClass().getSimpleName()));
    }

    /** Counts what the guard said about a prompt. */
    void judged(Inspection inspection) {
        metrics.inspected(
                "input",
                switch (inspection) {
                    case Inspection.Clean _ -> "clean";
                    case Inspection.Flagged _ -> "flagged";
                    case Inspection.Blocked _ -> "blocked";
                });
    }

    /** Counts an answer that went out, or as much of it as did, and writes the line. */
    void served(Outcomes outcomes, String status, AnswerSummary summary) {
        Trip trip = outcomes.trip();
        metrics.inspected("output", summary.filtered() ? "filtered" : "clean");
        metrics.tokens(
                outcomes.model().ref().name(), summary.inputTokens(), summary.outputTokens());
        metrics.route(trip.operation()).first(outcomes.toFirst());
        line(trip, codeOf(status), 200);
    }

    /** What a status of an outcome is called where codes are counted. */
    private static String codeOf(String status) {
        return switch (status) {
            case "failed" -> GatewayProblems.code(Refusal.UPSTREAM_ERROR);
            case "cancelled" -> "client_left";
            case REVOKED -> GatewayProblems.code(Refusal.ACCESS_REVOKED);
            default -> "ok";
        };
    }

    /** Counts an answer of a journey without a model. */
    void answered(Trip trip) {
        line(trip, "ok", 200);
    }

    /** Counts an answer that has a shape of its own, refusals included. */
    void answered(Trip trip, String code, int status) {
        line(trip, code, status);
    }

    private void note(Trip trip, Refused refused) {
        if (trip.caller().isEmpty() && GatewayProblems.status(refused.refusal()) == 401) {
            metrics.refused(refused.reason());
            return;
        }
        if (trip.caller().isEmpty()) {
            return;
        }
        Optional<Outcomes> outcomes = trip.outcomes();
        if (outcomes.isPresent()) {
            if (outcomes.get().claim()) {
                Outcomes.await(outcomes.get().without(status(trip, refused), refused.reason()));
            }
            return;
        }
        if (often(refused.refusal())) {
            String reason = GatewayProblems.code(refused.refusal());
            if (strangers.single(trip.exchange(), reason, trip.actor().principal())) {
                journal.append(denied(trip, refused));
            }
        } else if (trip.inference() || telling(refused.refusal())) {
            journal.append(denied(trip, refused));
        } else if (strange(refused.refusal())) {
            String reason = GatewayProblems.code(refused.refusal());
            strangers.refused(trip.exchange(), reason, trip.actor().principal());
        }
    }

    /** What says of a caller that it wanted what is not its own, or brought what it may not. */
    private static boolean telling(Refusal refusal) {
        return refusal == Refusal.FORBIDDEN
                || refusal == Refusal.VECTOR_STORE_NOT_FOUND
                || refusal == Refusal.QUOTA_EXCEEDED
                || refusal == Refusal.PROMPT_INJECTION;
    }

    /** What costs nothing to be told again and again: recorded up to a point, then counted. */
    private static boolean often(Refusal refusal) {
        return refusal == Refusal.RATE_LIMITED || refusal == Refusal.BUDGET_EXHAUSTED;
    }

    /** What a caller that knows the API has no reason to send, though its credential is good. */
    private static boolean strange(Refusal refusal) {
        return refusal == Refusal.NOT_FOUND
                || refusal == Refusal.METHOD_NOT_ALLOWED
                || refusal == Refusal.INVALID_REQUEST;
    }

    private static String status(Trip trip, Refused refused) {
        if (refused.refusal() == Refusal.ACCESS_REVOKED) {
            return REVOKED;
        }
        return trip.exchange().open() ? "failed" : "cancelled";
    }

    private InferenceDenied denied(Trip trip, Refused refused) {
        boolean shown = refused.refusal() == Refusal.PROMPT_INJECTION;
        Optional<Content> prompt =
                trip.request()
                        .filter(_ -> shown)
                        .map(r -> recording.of(trip.caller(), r.model()).prompt(r));
        return new InferenceDenied(
                trip.exchange().requestId(),
                trip.actor(),
                trip.operation(),
                trip.modelName(),
                trip.step().wireName(),
                GatewayProblems.code(refused.refusal()),
                refused.reason(),
                trip.policy(),
                trip.promptReport(),
                prompt);
    }

    private void answer(Trip trip, Refused told) {
        Exchange exchange = trip.exchange();
        if (!trip.began()) {
            Headers headers = GatewayProblems.headers(told);
            if (trip.outcomes().isPresent()) {
                String index = Long.toString(trip.outcomes().get().intent());
                headers = headers.with("atlas-journal-entry", index);
            }
            byte[] body = trip.dialect().problem(told, exchange.requestId());
            exchange.respond(GatewayProblems.status(told.refusal()), headers, body);
        }
        line(trip, GatewayProblems.code(told.refusal()), GatewayProblems.status(told.refusal()));
    }

    private void line(Trip trip, String code, int status) {
        metrics.route(trip.operation()).answered(code, trip.elapsed());
        LOG.atInfo()
                .addKeyValue("request", trip.exchange().requestId())
                .addKeyValue("principal", trip.actor().principal())
                .addKeyValue("operation", trip.operation())
                .addKeyValue("model", trip.modelName())
                .addKeyValue("step", trip.step().wireName())
                .addKeyValue("status", status)
                .addKeyValue("code", code)
                .addKeyValue("micros", trip.elapsed().toNanos() / 1000)
                .log("request ended");
    }

    private static void log(Trip trip, RuntimeException fault) {
        LOG.atError()
                .setCause(fault)
                .addKeyValue("request", trip.exchange().requestId())
                .addKeyValue("step", trip.step().wireName())
                .log("a step could not do its work");
    }
}
