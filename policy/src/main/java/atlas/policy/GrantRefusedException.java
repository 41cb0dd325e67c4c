package atlas.policy;

/** A grant was not stored because it would put duties that check each other into one hand. */
public final class GrantRefusedException extends PolicyException {
    private static final long serialVersionUID = 1L;

    public GrantRefusedException(String message) {
        super(message, null);
    }
}
