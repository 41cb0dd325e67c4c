package atlas.tlog;

/** Text or bytes are not in the format they should be in; the message says which rule is broken. */
public final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message);
    }
}
