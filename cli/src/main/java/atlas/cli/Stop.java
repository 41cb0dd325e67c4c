package atlas.cli;

/** Ends a command with a message for a person and an exit status for a script. */
final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    private Stop(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    static Stop no(String message) {
        return new Stop(Main.NO, message);
    }

    static Stop usage(String message) {
        return new Stop(Main.USAGE, message);
    }

    static Stop unknown(String message) {
        return new Stop(Main.UNKNOWN, message);
    }

    int status() {
        return status;
    }
}
