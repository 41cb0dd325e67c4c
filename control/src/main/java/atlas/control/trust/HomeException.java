package atlas.control.trust;

import org.jspecify.annotations.Nullable;

/** The home directory cannot be used: missing rights, taken by another process, or disk trouble. */
public final class HomeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public HomeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
