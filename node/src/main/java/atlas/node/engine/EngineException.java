package atlas.node.engine;

import org.jspecify.annotations.Nullable;

/** The engine or the machine under it failed. */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EngineException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
