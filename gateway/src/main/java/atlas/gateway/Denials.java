package atlas.gateway;

import atlas.core.AuditEvent.GuardReport;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.gateway.openai.EngineError;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import java.util.Set;

/** Turns what rooms and engines say into what a caller may learn. */
final class Denials {
    private static final int MAX_ERROR_BYTES = 64 << 10;

    private Denials() {}

    /**
     * A denied model looks like one that does not exist. Who may not ask any model is told so: that
     * says nothing about models.
     */
    static Refused of(Principal caller, String reason) {
        boolean mayUseSome =
                caller.roles().stream()
                        .anyMatch(role -> role.equals(Role.CONSUMER) || !role.isBuiltIn());
        return new Refused(mayUseSome ? Refusal.MODEL_NOT_FOUND : Refusal.FORBIDDEN, reason);
    }

    /** The model may be used, but not like this: that says nothing about models. */
    static Refused thisRequest(String reason) {
        return new Refused(
                Refusal.FORBIDDEN,
                "the access policy refuses this request as it is; its parameters, its place or"
                        + " its time are not allowed",
                reason,
                null);
    }

    static Refused unseen(String kind) {
        String message =
                "`"
                        + kind
                        + "` content cannot be inspected and this model does not declare that it"
                        + " takes it; send text";
        return new Refused(Refusal.INVALID_REQUEST, message, message, "messages");
    }

    /** What nobody could read was not scanned, whatever was scanned beside it. */
    static GuardReport truthful(GuardReport report, Set<String> unseen) {
        if (unseen.isEmpty() || !report.coverage().equals("scanned")) {
            return report;
        }
        return new GuardReport(
                "partial",
                report.scannedBytes(),
                report.totalBytes(),
                report.detectors(),
                report.score(),
                report.findings(),
                report.unread());
    }

    /** An engine that answered, but not with an answer; closes the response. */
    static Refused ofEngine(Served model, UpstreamResponse answer) {
        try (answer) {
            String reason = "engine answered " + answer.status();
            return switch (answer.status()) {
                case 400, 413, 422 -> {
                    String message = words(model, answer);
                    yield new Refused(Refusal.INVALID_REQUEST, message, reason, null);
                }
                case 429 -> new Refused(Refusal.RATE_LIMITED, reason);
                case 503 -> new Refused(Refusal.UNAVAILABLE, reason);
                default -> new Refused(Refusal.UPSTREAM_ERROR, reason);
            };
        }
    }

    /** Our own node's words may be passed on; a stranger's might hold anything. */
    private static String words(Served model, UpstreamResponse answer) {
        String plain = "the engine cannot take this request; it may be too long for the model";
        return switch (model) {
            case Served.Remote _ -> plain;
            case Served.Verified _ -> {
                try {
                    yield EngineError.message(answer.body(MAX_ERROR_BYTES)).orElse(plain);
                } catch (UpstreamException e) {
                    yield plain;
                }
            }
        };
    }

    /** An engine that could not be reached, or broke off. */
    static Refused ofEngine(UpstreamException e) {
        String reason = "engine: " + e.kind().name().toLowerCase(java.util.Locale.ROOT);
        Refusal refusal = Backends.sentNothing(e) ? Refusal.UNAVAILABLE : Refusal.UPSTREAM_ERROR;
        return new Refused(refusal, reason);
    }
}
