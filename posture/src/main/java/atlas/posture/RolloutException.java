package atlas.posture;

/** A rollout file that does not say what is to be done; where, and how to mend it. */
public final class RolloutException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    RolloutException(String message) {
        super(message);
    }

    RolloutException(String message, Throwable cause) {
        super(message, cause);
    }
}
