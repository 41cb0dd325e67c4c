package atlas.vault;

import org.jspecify.annotations.Nullable;

/** The vault's own files cannot be read or written, or are not fit to be trusted. */
public final class VaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public VaultException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
