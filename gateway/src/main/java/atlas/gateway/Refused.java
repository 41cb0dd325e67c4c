package atlas.gateway;

import atlas.identity.Authentication.NonceNeeded;
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
    private final @Nullable String nonce;

    /**
     * A good token with a good proof that is not made for a nonce of ours: to everybody who reads
     * the body the same as for a stranger.
     */
    Refused(String nonce) {
        super(GatewayProblems.message(Refusal.INVALID_CREDENTIAL), null, false, false);
        this.refusal = Refusal.INVALID_CREDENTIAL;
        this.reason = NonceNeeded.REASON;
        this.param = null;
        this.nonce = nonce;
    }

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
        this.nonce = null;
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

    /** The nonce to prove possession with (RFC 9449 §9), when that is what is missing. */
    @Nullable String nonce() {
        return nonce;
    }

    @Nullable String param() {
        return param;
    }
}
