package atlas.core.crypto;

import org.jspecify.annotations.Nullable;

/** Sealed bytes did not authenticate: altered, moved to another place, or sealed by another key. */
public final class SealBrokenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SealBrokenException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
