package atlas.gateway.openai;

/**
 * A request body that cannot be read in exactly one way; stackless, as it is an answer and not a
 * fault. The message is for the caller and names the field, never its value.
 */
public final class InvalidRequest extends Exception {
    private static final long serialVersionUID = 1L;

    private final String field;

    /**
     * @param field JSON path; empty when it is the body as a whole
     */
    public InvalidRequest(String field, String message) {
        super(message, null, false, false);
        this.field = field;
    }

    /** JSON path of the offending field, empty when it is the body as a whole. */
    public String field() {
        return field;
    }
}
