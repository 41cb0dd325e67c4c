package atlas.control;

import org.jspecify.annotations.Nullable;

/**
 * The trust root cannot be opened: a piece is missing, altered or from elsewhere. The message names
 * the piece and what to do; nothing was made or changed in its place.
 */
public final class TrustRootException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TrustRootException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
