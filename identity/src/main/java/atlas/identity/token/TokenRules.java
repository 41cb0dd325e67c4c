package atlas.identity.token;

import java.net.URI;
import java.time.Duration;

/**
 * How tokens of ours are made.
 *
 * @param issuer the {@code iss} of every token, an https URL
 * @param lifetime how long a token lives, at most 15 minutes
 * @param rotation how often a new signing key begins
 */
public record TokenRules(String issuer, Duration lifetime, Duration rotation) {
    /** No token lives longer. */
    public static final Duration MAX_LIFETIME = Duration.ofMinutes(15);

    /** Clock difference allowed between whoever signs and whoever checks. */
    static final Duration SKEW = Duration.ofSeconds(30);

    public TokenRules {
        if (!isIssuer(issuer)) {
            throw new IllegalArgumentException(
                    "a token issuer is an https URL without query and fragment, not `"
                            + issuer
                            + "`");
        }
        if (lifetime.compareTo(Duration.ofSeconds(30)) < 0
                || lifetime.compareTo(MAX_LIFETIME) > 0) {
            throw new IllegalArgumentException(
                    "a token lives between 30s and 15m, not `" + lifetime + "`");
        }
        if (rotation.compareTo(Duration.ofHours(1)) < 0
                || rotation.compareTo(Duration.ofDays(90)) > 0) {
            throw new IllegalArgumentException(
                    "token keys are rotated every 1h to 90d, not `" + rotation + "`");
        }
    }

    /** Tokens of ten minutes, a key a day. */
    public static TokenRules of(String issuer) {
        return new TokenRules(issuer, Duration.ofMinutes(10), Duration.ofDays(1));
    }

    private static boolean isIssuer(String text) {
        try {
            URI uri = URI.create(text);
            return "https".equals(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getQuery() == null
                    && uri.getFragment() == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
