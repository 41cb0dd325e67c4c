package atlas.identity.token;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The public halves of the keys that sign tokens, by key id. Never fetches anything. */
public interface VerificationKeys {

    /** The key of this id, if tokens it signed may live. */
    Optional<PublicKey> find(String keyId);

    /**
     * The keys of a set as {@code /.well-known/jwks.json} has it, for a door that issues nothing.
     *
     * @throws IllegalArgumentException when it is not such a set
     */
    static VerificationKeys of(String jwks) {
        Map<String, PublicKey> keys = new HashMap<>();
        try {
            JsonObject set = JsonObject.parse(jwks.getBytes(StandardCharsets.UTF_8));
            for (JsonObject one : set.objects("keys")) {
                Jwk jwk = Jwk.parse(one);
                if (!jwk.thumbprint().equals(one.text("kid"))) {
                    throw new IllegalArgumentException("a key id that is not the key's thumbprint");
                }
                keys.put(jwk.thumbprint(), jwk.key());
            }
        } catch (TokenFault e) {
            throw new IllegalArgumentException("not a set of token keys: " + e.reason(), e);
        }
        Map<String, PublicKey> known = Map.copyOf(keys);
        return id -> Optional.ofNullable(known.get(id));
    }
}
