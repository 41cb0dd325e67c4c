package atlas.runtime;

import atlas.core.json.Json;
import java.util.Optional;

/** A problem detail (RFC 9457) as a caller sees it; {@code detail} must be safe to show. */
public record Problem(String slug, int status, String title, String detail) {
    /** The media type of {@link #json}. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** The problem as JSON, {@code instance} being the request it answers. */
    public byte[] json(String requestId) {
        return json(Optional.of(requestId));
    }

    /** The problem as JSON, the same bytes for every request it answers. */
    public byte[] json() {
        return json(Optional.empty());
    }

    private byte[] json(Optional<String> requestId) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("type", "urn:atlas:problem:" + slug);
            out.writeStringField("title", title);
            out.writeNumberField("status", status);
            out.writeStringField("detail", detail);
            if (requestId.isPresent()) {
                out.writeStringField("instance", requestId.get());
            }
            out.writeEndObject();
        });
    }
}
