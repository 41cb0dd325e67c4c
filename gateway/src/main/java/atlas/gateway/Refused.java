package atlas.gateway;

import org.jspecify.annotations.Nullable;

/**
 * Carries a refusal from any step to the single exit of a journey. Checked, so that no step can
 * forget it; stackless, as it is an answer and not a fault.
 */
final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;
    private final String reason;
    private final @Nullable String param;

    /**
     * @param reason for the record; may say more than the caller learns
     */
    Refused(Refusal refusal, String reason) {
        this(refusal, GatewayProblems.message(refusal), reason, null);
    }

    /**
     * @param message for the caller
     * @param param JSON path of what is wrong, if it is one field
     */
    Refused(Refusal refusal, String message, String reason, @Nullable String param) {
        super(message, null, false, false);
        this.refusal = refusal;
        this.reason = reason;
        this.param = param;
    }

    Refusal refusal() {
        return refusal;
    }

    String message() {
        return String.valueOf(getMessage());
    }

    String reason() {
        return reason;
    }

    @Nullable String param() {
        return param;
    }
}
