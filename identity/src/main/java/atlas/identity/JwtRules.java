package atlas.identity;

import atlas.core.Digest;
import atlas.core.Principal;
import java.time.Instant;
import java.util.Date;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What the claims of a verified token must say (RFC 7519, RFC 8725), and who they name. */
final class JwtRules {
    private static final Set<String> ACCESS_TOKENS = Set.of("at+jwt", "application/at+jwt");
    private static final Set<String> TYPES = Set.of("", "jwt", "at+jwt", "application/at+jwt");
    // What only ID tokens (OpenID Connect Core §3.3.2.11) and security events (RFC 8417) carry.
    private static final Set<String> NOT_IN_ACCESS_TOKENS =
            Set.of("at_hash", "c_hash", "s_hash", "events");
    // Keycloak says in the payload what a token is for; only its access tokens are for us.
    private static final Set<String> OTHER_PURPOSES = Set.of("id", "refresh", "offline", "logout");

    private JwtRules() {}

    /** That a verified token is an access token for us, now. */
    static void check(Jwt jwt, JwtIssuerConfig config, Instant now) throws JwtException {
        type(jwt, config);
        times(jwt, config, now);
        if (jwt.claims().getAudience().stream().noneMatch(config.audiences()::contains)) {
            throw new JwtException("token_audience");
        }
        Map<String, Object> claims = jwt.claims().getClaims();
        if (claims.containsKey("cnf")) {
            // RFC 9449 §7.2, RFC 8705 §3: a bound token is no bearer token, and nobody proves here.
            throw new JwtException("token_confirmation");
        }
        Object party = claims.getOrDefault("azp", claims.get("client_id"));
        if (!config.authorizedParties().isEmpty()
                && !(party instanceof String name && config.authorizedParties().contains(name))) {
            throw new JwtException("token_authorized_party");
        }
    }

    private static void type(Jwt jwt, JwtIssuerConfig config) throws JwtException {
        String type = typeOf(jwt);
        if (!(config.typedOnly() ? ACCESS_TOKENS : TYPES).contains(type)) {
            throw new JwtException("token_type");
        }
        Map<String, Object> claims = jwt.claims().getClaims();
        boolean otherPurpose =
                claims.get("typ") instanceof String purpose
                        && OTHER_PURPOSES.contains(purpose.toLowerCase(Locale.ROOT));
        if (otherPurpose || NOT_IN_ACCESS_TOKENS.stream().anyMatch(claims::containsKey)) {
            throw new JwtException("token_type");
        }
    }

    /** The {@code typ} of the header in lower case; empty when it has none. */
    static String typeOf(Jwt jwt) {
        return jwt.header().getType() == null
                ? ""
                : jwt.header().getType().getType().toLowerCase(Locale.ROOT);
    }

    /** That a verified token holds now, give or take the clock difference allowed. */
    static void times(Jwt jwt, JwtIssuerConfig config, Instant now) throws JwtException {
        if (!now.isBefore(jwt.expires().plus(config.skew()))) {
            throw new JwtException("token_expired");
        }
        Date notBefore = jwt.claims().getNotBeforeTime();
        Date issued = jwt.claims().getIssueTime();
        Instant ahead = now.plus(config.skew());
        if ((notBefore != null && notBefore.toInstant().isAfter(ahead))
                || (issued != null && issued.toInstant().isAfter(ahead))) {
            throw new JwtException("token_not_yet_valid");
        }
    }

    /** Who a verified token names. */
    static Principal principal(Jwt jwt, JwtIssuerConfig config, Digest digest) throws JwtException {
        return new ClaimReader(config, jwt.claims().getClaims())
                .principal(digest, jwt.issued(), jwt.expires().plus(config.skew()));
    }
}
