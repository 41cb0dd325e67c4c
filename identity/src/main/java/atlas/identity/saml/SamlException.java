package atlas.identity.saml;

/** A message is not acceptable; the reason is stable and for the journal. */
final class SamlException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    SamlException(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
