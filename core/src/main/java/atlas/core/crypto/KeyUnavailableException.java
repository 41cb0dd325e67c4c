package atlas.core.crypto;

import org.jspecify.annotations.Nullable;

/** A key cannot be had now: its holder is away, or has disabled it. Says nothing about the data. */
public final class KeyUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean withdrawn;

    public KeyUnavailableException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    private KeyUnavailableException(String message, @Nullable Throwable cause, boolean withdrawn) {
        super(message, cause);
        this.withdrawn = withdrawn;
    }

    /** Its holder answered, and said no. */
    public static KeyUnavailableException withdrawn(String message) {
        return new KeyUnavailableException(message, null, true);
    }

    /**
     * Whether its holder said no: the key is disabled, destroyed or not ours to use. What was
     * released before should then be forgotten at once, which for a holder that is merely away may
     * wait a while.
     */
    public boolean withdrawn() {
        return withdrawn;
    }
}
