package atlas.registry;

import org.jspecify.annotations.Nullable;

/** The registry's own disk or index failed; nothing is admitted on the strength of it. */
public final class RegistryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RegistryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
