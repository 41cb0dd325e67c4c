package atlas.identity;

/** A token is not acceptable; the reason is stable and for the journal. */
final class JwtException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    JwtException(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
