package atlas.guard;

/** The guard cannot do its work: a model file that does not verify, an unreadable input file. */
public final class GuardException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public GuardException(String message) {
        super(message);
    }

    public GuardException(String message, Throwable cause) {
        super(message, cause);
    }
}
