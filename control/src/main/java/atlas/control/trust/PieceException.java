package atlas.control.trust;

import org.jspecify.annotations.Nullable;

/**
 * A piece of the trust root is missing or is not what it was; the message says which and what now.
 */
public final class PieceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PieceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
