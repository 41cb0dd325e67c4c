package atlas.identity;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;

/** Where an issuer's keys are: as configured, or as its OpenID Connect discovery document says. */
final class Discovery {
    private Discovery() {}

    static URI keysOf(JwtIssuerConfig config, JwksSource source) throws IOException {
        if (config.jwksUri().isPresent()) {
            return config.jwksUri().get();
        }
        String base = config.issuer();
        String slash = base.endsWith("/") ? "" : "/";
        byte[] bytes = source.fetch(URI.create(base + slash + ".well-known/openid-configuration"));
        Map<String, String> document = strings(bytes);
        if (!config.issuer().equals(document.get("issuer"))) {
            throw new IOException("the discovery document is another issuer's");
        }
        try {
            URI keys = URI.create(String.valueOf(document.get("jwks_uri")));
            if (!"https".equals(keys.getScheme())) {
                throw new IOException("the discovery document names no https key set");
            }
            return keys;
        } catch (IllegalArgumentException e) {
            throw new IOException("the discovery document names no https key set", e);
        }
    }

    private static Map<String, String> strings(byte[] bytes) throws IOException {
        Map<String, String> found = new HashMap<>();
        try (JsonParser in = Json.factory().createParser(bytes)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("the discovery document is not a JSON object");
            }
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                JsonToken value = in.nextToken();
                if (value == JsonToken.VALUE_STRING) {
                    found.put(name, in.getText());
                } else {
                    in.skipChildren();
                }
            }
        }
        return found;
    }
}
