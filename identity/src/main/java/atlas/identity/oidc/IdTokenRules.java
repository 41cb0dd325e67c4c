package atlas.identity.oidc;

import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an ID token must say beyond signature, issuer and times (OpenID Connect Core §3.1.3.7). */
final class IdTokenRules {
    private static final Set<String> TYPES = Set.of("", "jwt");

    private IdTokenRules() {}

    /** Why it is not one for us and this journey; empty when it is. */
    static Optional<String> objection(
            String type,
            Map<String, Object> claims,
            String clientId,
            Sensitive<String> nonce,
            @Nullable String accessToken) {
        if (!TYPES.contains(type) || claims.containsKey("events")) {
            return Optional.of("id_token_type");
        }
        // Keycloak says in the payload what a token is for.
        if (claims.get("typ") instanceof String purpose && !purpose.equalsIgnoreCase("ID")) {
            return Optional.of("id_token_type");
        }
        // For us and for nobody else: a second audience could replay it to us.
        if (!audience(claims.get("aud")).equals(List.of(clientId))) {
            return Optional.of("id_token_audience");
        }
        if (claims.containsKey("azp") && !clientId.equals(claims.get("azp"))) {
            return Optional.of("id_token_authorized_party");
        }
        if (!(claims.get("nonce") instanceof String given) || !same(nonce.reveal(), given)) {
            return Optional.of("id_token_nonce");
        }
        if (!(claims.get("sub") instanceof String subject) || subject.isEmpty()) {
            return Optional.of("id_token_subject");
        }
        if (claims.get("at_hash") instanceof String hash
                && (accessToken == null || !same(halfHash(accessToken, hash), hash))) {
            return Optional.of("id_token_access_token");
        }
        return Optional.empty();
    }

    static List<Object> audience(@Nullable Object value) {
        return value instanceof Collection<?> many
                ? List.copyOf(many)
                : value == null ? List.of() : List.of(value);
    }

    // The hash has half the length of the signature's digest: its own length tells which.
    private static String halfHash(String accessToken, String like) {
        byte[] token = accessToken.getBytes(StandardCharsets.US_ASCII);
        byte[] hash =
                switch (like.length()) {
                    case 32 -> digest("SHA-384", token);
                    case 43 -> digest("SHA-512", token);
                    default -> Hashes.sha256().digest(token);
                };
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Arrays.copyOf(hash, hash.length / 2));
    }

    private static byte[] digest(String name, byte[] bytes) {
        try {
            return MessageDigest.getInstance(name).digest(bytes);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }

    static boolean same(String wanted, String given) {
        return MessageDigest.isEqual(
                wanted.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }
}
