package atlas.identity;

import atlas.core.Digest;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the claims of a verified token must say (RFC 7519, RFC 8725), and who they name. */
final class JwtRules {
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");
    // Keycloak says in the payload what a token is for; only its access tokens are for us.
    private static final Set<String> OTHER_PURPOSES = Set.of("id", "refresh", "offline", "logout");
    private static final List<Glob> EVERY_MODEL = List.of(new Glob("*"));

    private JwtRules() {}

    static void check(Jwt jwt, JwtIssuerConfig config, Instant now) throws JwtException {
        if (jwt.header().getType() != null
                && !TYPES.contains(jwt.header().getType().getType().toLowerCase(Locale.ROOT))) {
            throw new JwtException("token_type");
        }
        if (jwt.claims().getClaim("typ") instanceof String purpose
                && OTHER_PURPOSES.contains(purpose.toLowerCase(Locale.ROOT))) {
            throw new JwtException("token_type");
        }
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
        if (jwt.claims().getAudience().stream().noneMatch(config.audiences()::contains)) {
            throw new JwtException("token_audience");
        }
        if (!config.authorizedParties().isEmpty()
                && !(jwt.claims().getClaim("azp") instanceof String party
                        && config.authorizedParties().contains(party))) {
            throw new JwtException("token_authorized_party");
        }
    }

    static Principal principal(Jwt jwt, JwtIssuerConfig config, Digest digest) throws JwtException {
        if (!(jwt.claims().getClaim(config.principalClaim()) instanceof String name)
                || name.isEmpty()) {
            throw new JwtException("token_principal_missing");
        }
        String id = "oidc:" + config.issuer() + "#" + name;
        if (!PrincipalName.isPlain(id)) {
            throw new JwtException("token_principal_malformed");
        }
        return new Principal(
                id,
                Principal.Kind.HUMAN,
                config.tenant(),
                roles(jwt, config),
                models(jwt, config),
                new Principal.Credential(
                        Principal.Credential.Kind.JWT,
                        credentialId(jwt, digest),
                        jwt.issued(),
                        jwt.expires().plus(config.skew()),
                        Optional.empty()));
    }

    private static Set<Role> roles(Jwt jwt, JwtIssuerConfig config) {
        Set<Role> roles = new HashSet<>();
        for (String name : strings(claim(jwt, config.rolesClaim()))) {
            Role role = config.roleMapping().get(name);
            if (role != null) {
                roles.add(role);
            }
        }
        return roles;
    }

    private static List<Glob> models(Jwt jwt, JwtIssuerConfig config) {
        if (config.modelsClaim().isEmpty()) {
            return EVERY_MODEL;
        }
        List<Glob> models = new ArrayList<>();
        for (String pattern : strings(claim(jwt, config.modelsClaim().get()))) {
            if (!pattern.isEmpty() && pattern.length() <= 200) {
                models.add(new Glob(pattern));
            }
        }
        return models;
    }

    // The whole name first: namespaced claims are URLs, and URLs have dots.
    private static @Nullable Object claim(Jwt jwt, String path) {
        Map<String, Object> claims = jwt.claims().getClaims();
        if (claims.containsKey(path)) {
            return claims.get(path);
        }
        Object at = claims;
        for (String step : path.split("\\.", -1)) {
            if (!(at instanceof Map<?, ?> map)) {
                return null;
            }
            at = map.get(step);
        }
        return at;
    }

    // A list of strings, or one string of names with spaces between, as OAuth scopes are.
    private static List<String> strings(@Nullable Object value) {
        if (value instanceof String text) {
            return List.of(text.trim().split("\\s+"));
        }
        List<String> list = new ArrayList<>();
        if (value instanceof Collection<?> many) {
            for (Object one : many) {
                if (one instanceof String text) {
                    list.add(text);
                }
            }
        }
        return list;
    }

    private static String credentialId(Jwt jwt, Digest digest) {
        try {
            String id = jwt.claims().getStringClaim("jti");
            if (id != null && id.matches("[A-Za-z0-9._:-]{1,64}")) {
                return id;
            }
        } catch (ParseException e) {
            return "sha256:" + digest.hex().substring(0, 16);
        }
        return "sha256:" + digest.hex().substring(0, 16);
    }
}
