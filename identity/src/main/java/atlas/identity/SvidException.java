package atlas.identity;

/** A certificate is not an X.509-SVID for a client; the reason is stable and for the journal. */
final class SvidException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    SvidException(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
