package atlas.export.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * ArcSight Common Event Format, version 0. In the header {@code \} and {@code |} are escaped, in
 * the extension {@code \}, {@code =} and line ends; no control character leaves as itself.
 */
final class CefRecord {
    private final StringBuilder text = new StringBuilder(512);
    private boolean first = true;

    private CefRecord() {}

    static String of(ExportEntry entry, String json) {
        ObjectNode fact = Fact.read(json);
        CefRecord record = new CefRecord();
        record.head(entry, fact);
        record.put("rt", Long.toString(entry.when().toEpochMilli()));
        record.put("externalId", Long.toString(entry.index()));
        extension(fact).forEach(record::put);
        record.labelled("cs1", "origin", entry.origin());
        record.labelled("cs2", "leafHash", entry.leafHash());
        record.labelled("cs3", "requestId", Fact.first(fact, "request_id"));
        record.labelled("cs4", "model", model(fact));
        record.labelled("cs5", "rule", Fact.first(fact, "policy", "rule", "action"));
        record.labelled("cs6", "event", json);
        record.number("cn1", "inputTokens", fact.path("gen_ai.usage.input_tokens"));
        record.number("cn2", "outputTokens", fact.path("gen_ai.usage.output_tokens"));
        record.number("cn3", "durationMicros", fact.path("duration_us"));
        return record.text.toString();
    }

    private void head(ExportEntry entry, ObjectNode fact) {
        text.append("CEF:0|Atlas|Atlas|").append(Product.VERSION).append('|');
        header(entry.kind());
        text.append('|');
        header(Fact.words(fact));
        text.append('|').append(Severity.of(fact).cef()).append('|');
    }

    /** The fields that the format has a name for. */
    private static Map<String, String> extension(JsonNode fact) {
        Map<String, String> fields = new LinkedHashMap<>();
        String source = Fact.source(fact);
        fields.put(Addresses.literal(source) ? "src" : "shost", source);
        fields.put("suser", Fact.who(fact));
        fields.put("suid", fact.path("actor").path("credential_id").asText(""));
        fields.put("requestMethod", Fact.first(fact, "http.request.method"));
        fields.put("request", Fact.first(fact, "url.path"));
        fields.put("act", Fact.first(fact, "act", "change", "action", "gen_ai.operation.name"));
        fields.put("outcome", Fact.first(fact, "status", "outcome", "code"));
        fields.put("reason", Fact.first(fact, "reason", "error.type", "explanation"));
        return fields;
    }

    private static String model(JsonNode fact) {
        String name = Fact.first(fact, "gen_ai.request.model", "model");
        JsonNode version = fact.path("model_version");
        return version.isNumber() ? name + "@" + version.asLong() : name;
    }

    private void labelled(String field, String label, String value) {
        if (!value.isEmpty()) {
            put(field + "Label", label);
            put(field, value);
        }
    }

    private void number(String field, String label, JsonNode value) {
        if (value.isNumber()) {
            labelled(field, label, value.asText());
        }
    }

    private void put(String key, String value) {
        if (value.isEmpty()) {
            return;
        }
        text.append(first ? "" : " ").append(key).append('=');
        first = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '=' -> text.append("\\=");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                default -> text.append(Character.isISOControl(c) ? ' ' : c);
            }
        }
    }

    private void header(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '|' -> text.append("\\|");
                default -> text.append(Character.isISOControl(c) ? ' ' : c);
            }
        }
    }
}
