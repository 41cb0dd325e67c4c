package atlas.control.upload;

/** An upload's request does not fit; nothing was stored by it. */
public final class UploadRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final Why why;

    /** Kinds of refusal. */
    public enum Why {
        UNKNOWN,
        INVALID,
        CONFLICT,
        QUOTA,
        BUSY
    }

    UploadRefusal(Why why, String message) {
        super(message);
        this.why = why;
    }

    public Why why() {
        return why;
    }
}
