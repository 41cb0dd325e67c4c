package atlas.control.store;

import org.jspecify.annotations.Nullable;

/** The control store cannot be read or written; nothing was changed by the call that threw it. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
