package atlas.control.api;

import atlas.core.json.Json;
import atlas.runtime.http.Headers;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;

/** A complete answer. */
record Reply(int status, String contentType, byte[] body) {
    private static final ObjectMapper MAPPER = new ObjectMapper(Json.factory());

    static Reply ok(Object value) {
        return new Reply(200, "application/json", json(value));
    }

    static Reply created(Object value) {
        return new Reply(201, "application/json", json(value));
    }

    static Reply text(String contentType, String text) {
        return new Reply(200, contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] json(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an answer is made of maps, lists and texts", e);
        }
    }

    /** Nothing an administrator sees may be cached or sniffed. */
    Headers headers() {
        return Headers.of(
                "content-type", contentType,
                "cache-control", "no-store",
                "x-content-type-options", "nosniff");
    }
}
