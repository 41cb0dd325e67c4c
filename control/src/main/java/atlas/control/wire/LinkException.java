package atlas.control.wire;

import org.jspecify.annotations.Nullable;

/** The other end of the link could not be asked, or what it said cannot be believed. */
public final class LinkException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LinkException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
