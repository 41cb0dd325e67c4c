package atlas.export.format;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What metadata is: the fields named here, and no other. A field that somebody adds to a fact stays
 * inside until it is named here too.
 */
final class Carried {
    private static final Set<String> NAMES =
            Set.of(
                    ("kind request_id actor principal tenant credential_kind credential_id source"
                         + " component version config_digest reason http.request.method url.path"
                         + " credential_hint from until count_by_reason sources method provider"
                         + " vouched ends session gen_ai.operation.name gen_ai.request.model"
                         + " model_version model_digest model_signer policy stream"
                         + " gen_ai.request.max_tokens gen_ai.request.temperature"
                         + " gen_ai.request.seed tools prompt_guard output_guard coverage"
                         + " scanned_bytes total_bytes detectors score findings type rule where"
                         + " start end prompt answer mode bytes sha256 intent node status"
                         + " gen_ai.response.finish_reasons tool_calls gen_ai.tool.name"
                         + " arguments_bytes arguments_sha256 gen_ai.usage.input_tokens"
                         + " gen_ai.usage.output_tokens time_to_first_us duration_us error.type"
                         + " step code grant token_id audiences roles models bound_to expires"
                         + " action resource outcome before after change model root_digest signer"
                         + " detail act key purpose query entries exporter destination format"
                         + " content by subject keys alert_id severity explanation evidence store"
                         + " owner items verifier_key second_key shared unread backup recipients"
                         + " threshold contents verdict depth created known")
                            .split(" "));

    /** An object whose names are values: refusals by reason, all of them numbers. */
    private static final String COUNTS = "count_by_reason";

    /** How a journal was read, as a query string: words looked for may be those of a prompt. */
    private static final String QUERY = "query";

    private static final Pattern WORDS = Pattern.compile("(^|&)(text)=[^&]+");

    private Carried() {}

    static String metadata(String json) {
        byte[] kept =
                Json.bytes(out -> {
                    try (JsonParser in = Json.factory().createParser(json)) {
                        in.nextToken();
                        copy(in, out, false);
                    }
                });
        return new String(kept, StandardCharsets.UTF_8);
    }

    private static void copy(JsonParser in, JsonGenerator out, boolean counts) throws IOException {
        switch (in.currentToken()) {
            case START_OBJECT -> object(in, out, counts);
            case START_ARRAY -> {
                out.writeStartArray();
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    copy(in, out, false);
                }
                out.writeEndArray();
            }
            default -> out.copyCurrentEvent(in);
        }
    }

    private static void object(JsonParser in, JsonGenerator out, boolean counts)
            throws IOException {
        out.writeStartObject();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            boolean number = in.nextToken().isNumeric();
            if (counts ? number : NAMES.contains(name)) {
                out.writeFieldName(name);
                if (name.equals(QUERY) && in.currentToken() == JsonToken.VALUE_STRING) {
                    out.writeString(WORDS.matcher(in.getText()).replaceAll("$1$2=[sealed]"));
                } else {
                    copy(in, out, name.equals(COUNTS));
                }
            } else {
                in.skipChildren();
            }
        }
        out.writeEndObject();
    }
}
