package atlas.runtime.http;

/** The edge could not be started: the address is taken, or the TLS identity is unusable. */
public final class EdgeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EdgeException(String message, Throwable cause) {
        super(message, cause);
    }
}
