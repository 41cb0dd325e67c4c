package atlas.runtime.wire;

/** A message that is refused, with what its sender is told. Stackless: strangers cause many. */
public final class BadMessage extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String slug;

    public BadMessage(int status, String slug, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.slug = slug;
    }

    static BadMessage malformed(String detail) {
        return new BadMessage(400, "malformed-request", detail);
    }

    static BadMessage headerTooLarge(String detail) {
        return new BadMessage(431, "header-too-large", detail);
    }

    static BadMessage bodyTooLarge(int limit) {
        return new BadMessage(
                413, "request-too-large", "the body is larger than " + limit + " bytes");
    }

    static BadMessage busy(String detail) {
        return new BadMessage(503, "unavailable", detail);
    }

    public int status() {
        return status;
    }

    public String slug() {
        return slug;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }
}
