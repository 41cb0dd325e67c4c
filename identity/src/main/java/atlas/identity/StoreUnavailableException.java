package atlas.identity;

import org.jspecify.annotations.Nullable;

/** The key store cannot answer now; says nothing about any key. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
