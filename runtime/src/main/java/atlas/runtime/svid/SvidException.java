package atlas.runtime.svid;

/** An identity or a trust bundle that cannot be used; the message says which and why. */
public final class SvidException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SvidException(String message) {
        super(message);
    }

    public SvidException(String message, Throwable cause) {
        super(message, cause);
    }
}
