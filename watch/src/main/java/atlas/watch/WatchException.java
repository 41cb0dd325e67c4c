package atlas.watch;

/** The watch cannot do its work: a stream of events that cannot be read. */
public final class WatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WatchException(String message) {
        super(message);
    }
}
