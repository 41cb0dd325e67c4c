package atlas.identity;

import org.jspecify.annotations.Nullable;

/** Set up wrongly or broken: a bad anchor, an unreadable authority. Nothing was issued. */
public final class IdentityException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public IdentityException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
