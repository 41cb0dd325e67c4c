package atlas.registry.oms;

/** A check said no; unwinds to the verifier, which turns it into its answer. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    Refused(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
