package atlas.identity;

import atlas.core.Role;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An issuer whose tokens are accepted, and what its claims mean here. Nothing is inferred: a role
 * not in the mapping is no role.
 *
 * @param issuer compared character by character with {@code iss}
 * @param jwksUri where its keys are; without it, found by OpenID Connect discovery
 * @param audiences one of these must be in {@code aud}
 * @param algorithms signature algorithms accepted, all asymmetric
 * @param skew clock difference allowed, at most five minutes
 * @param rolesClaim a claim, or a dotted path to one, that holds role names: {@code
 *     realm_access.roles}
 * @param roleMapping the issuer's role name to ours
 * @param modelsClaim a claim with model patterns; without one, the grants alone decide
 * @param principalClaim the claim that names the caller, {@code sub} as a rule
 * @param tenant the tenant its callers belong to
 * @param authorizedParties when not empty, {@code azp} must be one of these
 */
public record JwtIssuerConfig(
        String issuer,
        Optional<URI> jwksUri,
        Set<String> audiences,
        Set<String> algorithms,
        Duration skew,
        String rolesClaim,
        Map<String, Role> roleMapping,
        Optional<String> modelsClaim,
        String principalClaim,
        String tenant,
        Set<String> authorizedParties) {
    /** What may be accepted at all; nothing symmetric, and never {@code none}. */
    public static final Set<String> ALGORITHMS =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

    private static final Duration MAX_SKEW = Duration.ofMinutes(5);

    public JwtIssuerConfig {
        audiences = Set.copyOf(audiences);
        algorithms = Set.copyOf(algorithms);
        roleMapping = Map.copyOf(roleMapping);
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
        if (principalClaim.isEmpty() || tenant.isEmpty()) {
            throw new IllegalArgumentException(
                    "issuer `" + issuer + "` names no principal claim or tenant");
        }
    }

    /** Any authorized party is accepted. */
    public JwtIssuerConfig(
            String issuer,
            Optional<URI> jwksUri,
            Set<String> audiences,
            Set<String> algorithms,
            Duration skew,
            String rolesClaim,
            Map<String, Role> roleMapping,
            Optional<String> modelsClaim,
            String principalClaim,
            String tenant) {
        this(
                issuer,
                jwksUri,
                audiences,
                algorithms,
                skew,
                rolesClaim,
                roleMapping,
                modelsClaim,
                principalClaim,
                tenant,
                Set.of());
    }
}
