package atlas.policy;

import org.jspecify.annotations.Nullable;

/** Policy could not be read or changed; nothing was permitted and nothing was stored. */
public class PolicyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PolicyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
