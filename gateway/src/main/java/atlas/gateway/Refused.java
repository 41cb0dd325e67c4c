package atlas.gateway;

import atlas.identity.Authentication.NonceNeeded;
import java.time.Duration;
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
    private final long retrySeconds;

    /**
     * A good token with a good proof that is not made for a nonce of ours: to everybody who reads
     * the body the same as for a stranger.
     */
    Refused(String nonce) {
        this(
                Refusal.INVALID_CREDENTIAL,
                GatewayProblems.message(Refusal.INVALID_CREDENTIAL),
                NonceNeeded.REASON,
                null,
                nonce,
                0);
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
        this(refusal, message, reason, param, null, 1);
    }

    private Refused(
            Refusal refusal,
            String message,
            String reason,
            @Nullable String param,
            @Nullable String nonce,
            long retrySeconds) {
        super(message, null, false, false);
        this.refusal = refusal;
        this.reason = reason;
        this.param = param;
        this.nonce = nonce;
        this.retrySeconds = retrySeconds;
    }

    /** One that time mends, and how much of it. */
    static Refused later(Refusal refusal, String message, String reason, Duration wait) {
        long seconds = Math.max(1, wait.plusNanos(999_999_999).toSeconds());
        return new Refused(refusal, message, reason, null, null, seconds);
    }

    /** What waiting does not mend: nobody is told when to try again. */
    static Refused forGood(Refusal refusal, String message, String reason) {
        return new Refused(refusal, message, reason, null, null, 0);
    }

    Refusal refusal() {
        return refusal;
    }

    String message() {
        return String.valueOf(getMessage());
    }

    /** When to try again, for refusals that time mends; 0 for those it does not. */
    long retrySeconds() {
        return retrySeconds;
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
