package atlas.export.format;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Facts as trees. */
final class Fact {
    static final ObjectMapper JSON = new ObjectMapper(Json.factory());

    private Fact() {}

    static ObjectNode read(String json) {
        try {
            if (JSON.readTree(json) instanceof ObjectNode fact) {
                return fact;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("an entry holds no JSON", e);
        }
        throw new IllegalArgumentException("an entry holds no JSON object");
    }

    static byte[] bytes(JsonNode tree) {
        try {
            return JSON.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can be written", e);
        }
    }

    /** The first of these fields that is a text with something in it; else the empty string. */
    static String first(JsonNode fact, String... names) {
        for (String name : names) {
            String value = fact.path(name).asText("");
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
    }

    /** Who did it, or what it is about. */
    static String who(JsonNode fact) {
        String actor = fact.path("actor").path("principal").asText("");
        return actor.isEmpty() ? first(fact, "principal", "by") : actor;
    }

    /** Where the caller was, as recorded: an address, {@code local}, or the empty string. */
    static String source(JsonNode fact) {
        String source = fact.path("actor").path("source").asText("");
        return source.isEmpty() ? first(fact, "source") : source;
    }

    /** One sentence's worth. */
    static String words(JsonNode fact) {
        StringBuilder text = new StringBuilder(fact.path("kind").asText());
        for (String field :
                new String[] {
                    "gen_ai.operation.name",
                    "gen_ai.request.model",
                    "status",
                    "code",
                    "action",
                    "resource",
                    "outcome",
                    "change",
                    "model",
                    "rule",
                    "act",
                    "exporter",
                    "key",
                    "purpose",
                    "reason",
                    "component"
                }) {
            String value = first(fact, field);
            if (!value.isEmpty()) {
                text.append(' ').append(value);
            }
        }
        return text.toString();
    }
}
