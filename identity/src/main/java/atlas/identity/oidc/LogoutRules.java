package atlas.identity.oidc;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a logout token must say beyond signature, issuer and times (OpenID Connect Back-Channel
 * Logout 1.0 §2.6), and that each is taken once. Thread-safe.
 */
final class LogoutRules {
    private static final String EVENT = "http://schemas.openid.net/event/backchannel-logout";
    private static final Set<String> TYPES = Set.of("", "jwt", "logout+jwt");
    // A token older than that is no news, and must be remembered no longer.
    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final int MAX_REMEMBERED = 100_000;

    private final Map<String, Instant> taken = new LinkedHashMap<>(); // guarded by this

    /** Why it is none for us; empty when it is. */
    Optional<String> objection(
            String type, Map<String, Object> claims, String clientId, Instant now, Duration skew) {
        if (!TYPES.contains(type)) {
            return Optional.of("logout_token_type");
        }
        if (!IdTokenRules.audience(claims.get("aud")).contains(clientId)) {
            return Optional.of("logout_token_audience");
        }
        if (!(claims.get("events") instanceof Map<?, ?> events)
                || !(events.get(EVENT) instanceof Map<?, ?>)) {
            return Optional.of("logout_token_event");
        }
        // §2.4: a nonce is forbidden, so that no ID token is ever taken for this.
        if (claims.containsKey("nonce")) {
            return Optional.of("logout_token_nonce");
        }
        boolean names = isText(claims.get("sub")) || isText(claims.get("sid"));
        if (!names) {
            return Optional.of("logout_token_subject");
        }
        if (!(claims.get("iat") instanceof Date issued)
                || issued.toInstant().plus(FRESH).plus(skew).isBefore(now)) {
            return Optional.of("logout_token_old");
        }
        if (!(claims.get("jti") instanceof String id) || id.isEmpty() || id.length() > 256) {
            return Optional.of("logout_token_id");
        }
        return take(id, issued.toInstant().plus(FRESH).plus(skew.multipliedBy(2)), now);
    }

    // Full means that nothing new can be told from a replay: then it is refused.
    private synchronized Optional<String> take(String id, Instant until, Instant now) {
        taken.values().removeIf(end -> end.isBefore(now));
        if (taken.containsKey(id)) {
            return Optional.of("logout_token_replayed");
        }
        if (taken.size() >= MAX_REMEMBERED) {
            return Optional.of("logout_token_too_many");
        }
        taken.put(id, until);
        return Optional.empty();
    }

    private static boolean isText(@org.jspecify.annotations.Nullable Object value) {
        return value instanceof String text && !text.isEmpty();
    }
}
