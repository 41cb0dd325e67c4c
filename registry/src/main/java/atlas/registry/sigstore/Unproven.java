package atlas.registry.sigstore;

/** Evidence that does not hold, or is not there; the message says which. */
public final class Unproven extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    public Unproven(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
