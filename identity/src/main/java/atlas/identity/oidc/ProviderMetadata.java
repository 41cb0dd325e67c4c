package atlas.identity.oidc;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What we use of a provider's discovery document (OpenID Connect Discovery 1.0 §3). Every location
 * in it is https.
 */
record ProviderMetadata(
        URI authorization,
        URI token,
        Optional<URI> userInfo,
        Optional<URI> endSession,
        boolean namesItself,
        boolean secretInForm) {

    static ProviderMetadata read(String issuer, byte[] bytes) throws IOException {
        Map<String, Object> document = Members.of(bytes);
        if (!issuer.equals(document.get("issuer"))) {
            throw new IOException("the discovery document is another issuer's");
        }
        Set<String> methods = Members.strings(document, "token_endpoint_auth_methods_supported");
        return new ProviderMetadata(
                location(document, "authorization_endpoint")
                        .orElseThrow(() -> new IOException("there is no authorization endpoint")),
                location(document, "token_endpoint")
                        .orElseThrow(() -> new IOException("there is no token endpoint")),
                location(document, "userinfo_endpoint"),
                location(document, "end_session_endpoint"),
                // RFC 9207 §3: then its absence from an answer is an attack.
                Boolean.TRUE.equals(document.get("authorization_response_iss_parameter_supported")),
                methods.contains("client_secret_post") && !methods.contains("client_secret_basic"));
    }

    private static Optional<URI> location(Map<String, Object> document, String name)
            throws IOException {
        if (!(document.get(name) instanceof String text)) {
            return Optional.empty();
        }
        try {
            URI place = URI.create(text);
            if (!"https".equals(place.getScheme())
                    || place.getHost() == null
                    || place.getFragment() != null) {
                throw new IOException("`" + name + "` is not an https location");
            }
            return Optional.of(place);
        } catch (IllegalArgumentException e) {
            throw new IOException("`" + name + "` is not an https location", e);
        }
    }
}
