package atlas.core.crypto;

import org.jspecify.annotations.Nullable;

/** A key cannot be had now: its holder is away, or has disabled it. Says nothing about the data. */
public final class KeyUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public KeyUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
