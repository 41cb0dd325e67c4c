package atlas.core;

import org.jspecify.annotations.Nullable;

/** A fact could not be made durable: full, slow, broken or closed. Whoever sees it must not act. */
public final class AuditUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AuditUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
