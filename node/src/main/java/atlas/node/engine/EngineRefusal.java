package atlas.node.engine;

/** An engine said no; the message is safe for the caller. */
public final class EngineRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    private final String reason;

    public EngineRefusal(Kind kind, String reason) {
        super(reason);
        this.kind = kind;
        this.reason = reason;
    }

    /** The message. */
    public String reason() {
        return reason;
    }

    public Kind kind() {
        return kind;
    }

    /** What the caller can do about it. */
    public enum Kind {
        /** The file is broken or of a kind not run here. */
        BAD_WEIGHTS,
        /** The request makes no sense. */
        INVALID,
        /** More tokens than the context holds. */
        TOO_LONG,
        /** This model or engine does not do that. */
        UNSUPPORTED,
        /** Every place is taken; later may work. */
        BUSY,
        /** The engine is closing. */
        CLOSED
    }
}
