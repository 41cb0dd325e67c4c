package atlas.vectors;

import org.jspecify.annotations.Nullable;

/** A vector store cannot be read or written now. Says nothing about who asked. */
public final class VectorsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public VectorsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
