package atlas.runtime;

/** Sets the process's logging up in code: one line per event on stderr, as JSON or text. */
public final class Logs {
    private Logs() {}

    /** One JSON object per line. */
    public static void json() {
        throw new UnsupportedOperationException();
    }

    /** Lines for people. */
    public static void text() {
        throw new UnsupportedOperationException();
    }
}
