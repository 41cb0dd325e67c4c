package atlas.runtime.http;

import java.io.IOException;

/** An upstream call that failed; the kind says what the caller may conclude. */
public final class UpstreamException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What went wrong: only {@code CONNECT}, {@code TLS}, {@code POOL_EXHAUSTED} sent nothing. */
    public enum Kind {
        CONNECT,
        TLS,
        TIMEOUT,
        POOL_EXHAUSTED,
        PROTOCOL,
        CLOSED,
        TOO_LARGE
    }

    private final Kind kind;

    public UpstreamException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public UpstreamException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
