package atlas.identity.token;

/** A token or a proof does not hold; the reason is stable and for the journal. */
final class TokenFault extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    TokenFault(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
