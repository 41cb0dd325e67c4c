package atlas.registry.oms;

import org.jspecify.annotations.Nullable;

/** A model cannot be signed as it is, or a key cannot be used for signing models. */
public final class OmsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OmsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
