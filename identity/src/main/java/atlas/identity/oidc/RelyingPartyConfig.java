package atlas.identity.oidc;

import atlas.core.Sensitive;
import java.util.List;
import java.util.Optional;

/**
 * One provider that people sign in with.
 *
 * @param name in paths and records: lower case, digits and hyphens
 * @param label what the button says
 * @param issuer one of the configured issuers, whose mapping says what claims mean
 * @param clientSecret without one, the client is public and rests on PKCE alone
 * @param scopes asked for; {@code openid} is always among them
 * @param userInfo whether claims are completed from the provider's UserInfo endpoint
 */
public record RelyingPartyConfig(
        String name,
        String label,
        String issuer,
        String clientId,
        Optional<Sensitive<String>> clientSecret,
        List<String> scopes,
        boolean userInfo) {
    public RelyingPartyConfig {
        scopes = List.copyOf(scopes);
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "not a provider name: `"
                            + name
                            + "` (1 to 32 of lower-case letters, digits and `-`)");
        }
        if (label.isBlank() || label.length() > 60) {
            throw new IllegalArgumentException("a label has 1 to 60 characters");
        }
        if (clientId.isEmpty()) {
            throw new IllegalArgumentException("provider `" + name + "` needs a `client-id`");
        }
        for (String scope : scopes) {
            if (scope.isEmpty() || scope.chars().anyMatch(c -> c <= ' ' || c > '~' || c == '"')) {
                throw new IllegalArgumentException("not a scope: `" + scope + "`");
            }
        }
    }

    private static boolean isName(String name) {
        return !name.isEmpty()
                && name.length() <= 32
                && name.chars()
                        .allMatch(
                                c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }
}
