package atlas.identity.oidc;

import atlas.core.Sensitive;
import java.net.URI;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * What one browser takes along to the provider and must bring back: who keeps it keeps it sealed.
 *
 * @param state says that the answer belongs to the browser that asked (RFC 6749 §10.12)
 * @param nonce says that the ID token was made for this asking (OpenID Connect Core §15.5.2)
 * @param verifier proves that whoever redeems the code is who asked for it (RFC 7636)
 * @param redirect where the provider sends the browser back, exactly
 */
public record Journey(
        String provider,
        Sensitive<String> state,
        Sensitive<String> nonce,
        Sensitive<String> verifier,
        URI redirect) {

    static Journey start(String provider, URI redirect, SecureRandom random) {
        return new Journey(provider, fresh(random), fresh(random), fresh(random), redirect);
    }

    private static Sensitive<String> fresh(SecureRandom random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Sensitive.of(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }
}
