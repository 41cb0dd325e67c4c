package atlas.identity;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An issuer whose tokens are accepted, and what its claims mean here.
 *
 * @param issuer compared character by character with {@code iss}
 * @param jwksUri where its keys are; without it, found by OpenID Connect discovery
 * @param audiences one of these must be in {@code aud}
 * @param algorithms signature algorithms accepted, all asymmetric
 * @param skew clock difference allowed, at most five minutes
 * @param authorizedParties when not empty, {@code azp} (or {@code client_id}, RFC 9068) must be one
 *     of these
 * @param typedOnly whether only tokens that say {@code at+jwt} are access tokens (RFC 9068)
 */
public record JwtIssuerConfig(
        String issuer,
        Optional<URI> jwksUri,
        Set<String> audiences,
        Set<String> algorithms,
        Duration skew,
        Set<String> authorizedParties,
        boolean typedOnly,
        Mapping mapping) {
    /** What may be accepted at all; nothing symmetric, and never {@code none}. */
    public static final Set<String> ALGORITHMS =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

    private static final Duration MAX_SKEW = Duration.ofMinutes(5);

    public JwtIssuerConfig {
        audiences = Set.copyOf(audiences);
        algorithms = Set.copyOf(algorithms);
        authorizedParties = Set.copyOf(authorizedParties);
        if (!PrincipalName.isPlain(issuer)) {
            throw new IllegalArgumentException("not an issuer: `" + issuer + "`");
        }
        if (jwksUri.isEmpty() && !issuer.startsWith("https://")) {
            throw new IllegalArgumentException(
                    "issuer `" + issuer + "` is not https; name its key set with jwks-uri");
        }
        if (jwksUri.isPresent()
                && !Set.of("https", "file").contains(String.valueOf(jwksUri.get().getScheme()))) {
            throw new IllegalArgumentException(
                    "key set `" + jwksUri.get() + "` is neither https: nor file:");
        }
        if (audiences.isEmpty()) {
            throw new IllegalArgumentException(
                    "issuer `" + issuer + "` names no audience; a token for anyone is for no one");
        }
        if (algorithms.isEmpty()) {
            throw new IllegalArgumentException("issuer `" + issuer + "` names no algorithm");
        }
        for (String algorithm : algorithms) {
            if (!ALGORITHMS.contains(algorithm)) {
                throw new IllegalArgumentException(
                        "algorithm `%s` is not accepted; use one of %s"
                                .formatted(algorithm, ALGORITHMS.stream().sorted().toList()));
            }
        }
        if (skew.isNegative() || skew.compareTo(MAX_SKEW) > 0) {
            throw new IllegalArgumentException("skew is at most 5m, not `" + skew + "`");
        }
    }

    /**
     * What an issuer's claims mean here. Nothing is inferred: a role not in the mapping is no role,
     * and an attribute not asked for is not carried.
     *
     * <p>A claim is named by its name or by a dotted path to it: {@code realm_access.roles}.
     *
     * @param rolesClaim holds role names; without one, the subject rules alone give roles
     * @param roles the issuer's role name to ours
     * @param modelsClaim holds model patterns; without one, the grants alone decide
     * @param groupsClaim holds group names, for policy to look at
     * @param attributes our attribute name to the claim it comes from
     * @param principalClaim names the caller, {@code sub} as a rule
     * @param kind what sort of caller its tokens are about
     * @param tenant the tenant its callers belong to
     * @param subjects when there are any, a caller must fit one of them; the first that fits
     *     applies
     */
    public record Mapping(
            Optional<String> rolesClaim,
            Map<String, Role> roles,
            Optional<String> modelsClaim,
            Optional<String> groupsClaim,
            Map<String, String> attributes,
            String principalClaim,
            Principal.Kind kind,
            String tenant,
            List<SubjectRule> subjects) {
        private static final int MAX_ATTRIBUTES = 32;

        public Mapping {
            roles = Map.copyOf(roles);
            attributes = Map.copyOf(attributes);
            subjects = List.copyOf(subjects);
            if (principalClaim.isEmpty() || tenant.isEmpty()) {
                throw new IllegalArgumentException(
                        "an issuer needs a principal claim and a tenant");
            }
            if (attributes.size() > MAX_ATTRIBUTES) {
                throw new IllegalArgumentException(
                        "at most " + MAX_ATTRIBUTES + " attributes are carried");
            }
        }
    }

    /**
     * Callers of one pattern, such as the service accounts of a namespace or the workflows of a
     * repository, and what they are.
     *
     * @param subject matches the principal claim
     * @param claims further claims that must match, by name or dotted path
     * @param roles what such callers may be, beside what the roles claim gives
     * @param models which models their credential reaches; every one when empty
     */
    public record SubjectRule(
            Glob subject,
            Map<String, Glob> claims,
            Principal.Kind kind,
            Set<Role> roles,
            List<Glob> models) {
        public SubjectRule {
            claims = Map.copyOf(claims);
            roles = Set.copyOf(roles);
            models = List.copyOf(models);
        }
    }
}
