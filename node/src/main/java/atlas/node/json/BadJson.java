package atlas.node.json;

/** JSON is not what it must be; the message is safe for whoever sent it. */
public final class BadJson extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    public BadJson(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
