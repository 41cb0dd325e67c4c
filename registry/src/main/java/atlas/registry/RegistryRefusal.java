package atlas.registry;

/**
 * The registry said no: the message names the model, the file and what does not hold. Nothing was
 * changed, nothing was exposed.
 */
public final class RegistryRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Cause cause;

    RegistryRefusal(Cause cause, String message) {
        super(message);
        this.cause = cause;
    }

    RegistryRefusal(Cause cause, String message, Throwable why) {
        super(message, why);
        this.cause = cause;
    }

    /** What a registry elsewhere said when it was asked for a version. */
    public static RegistryRefusal told(Cause cause, String message) {
        return new RegistryRefusal(cause, message);
    }

    /** Why, in one word. */
    public Cause why() {
        return cause;
    }

    /** Kinds of refusal; callers map them to answers. */
    public enum Cause {
        /** No such model or version. */
        UNKNOWN,
        /** The signature, the signer or the manifest does not hold. */
        SIGNATURE,
        /** A file's content is of a kind that is not admitted. */
        CONTENT,
        /** Stored bytes are not the ones that were stored. */
        ALTERED,
        /** Not from this state. */
        STATE,
        /** The same person twice where two are needed. */
        FOUR_EYES,
        /** Larger, or more, than this registry takes. */
        QUOTA,
        /** The request itself makes no sense. */
        INVALID
    }
}
