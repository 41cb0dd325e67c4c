package atlas.node.dialect;

import atlas.node.engine.EngineRefusal;

/** A request is answered with an error; the message is safe for the caller. */
public final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final String reason;

    public Refused(int status, String code, String reason) {
        super(reason, null, false, false);
        this.status = status;
        this.code = code;
        this.reason = reason;
    }

    /** The request itself is at fault. */
    public static Refused invalid(String message) {
        return new Refused(400, "invalid_request", message);
    }

    /** The answer to what an engine refused. */
    public static Refused of(EngineRefusal refusal) {
        return switch (refusal.kind()) {
            case INVALID -> invalid(refusal.reason());
            case TOO_LONG -> new Refused(400, "context_length_exceeded", refusal.reason());
            case UNSUPPORTED -> new Refused(400, "unsupported", refusal.reason());
            case BUSY -> new Refused(503, "overloaded", refusal.reason());
            case CLOSED, BAD_WEIGHTS -> new Refused(503, "unavailable", refusal.reason());
        };
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    public String reason() {
        return reason;
    }
}
