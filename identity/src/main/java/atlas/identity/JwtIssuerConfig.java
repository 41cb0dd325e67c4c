package atlas.identity;

import java.net.URI;
import java.time.Duration;
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
        ClaimMapping mapping) {
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
}
