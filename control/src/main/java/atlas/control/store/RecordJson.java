package atlas.control.store;

import atlas.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The JSON inside sealed records: read strictly, times as ISO-8601 text. */
final class RecordJson {
    private static final ObjectMapper MAPPER = new ObjectMapper(Json.factory());

    private RecordJson() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static byte[] bytes(ObjectNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (IOException e) {
            throw new StoreException("cannot write a record", e);
        }
    }

    static JsonNode parse(byte[] bytes) {
        try {
            return MAPPER.readTree(bytes);
        } catch (IOException e) {
            throw new StoreException("a sealed record is not JSON", e);
        }
    }

    static void texts(ObjectNode node, String name, Collection<String> values) {
        ArrayNode array = node.putArray(name);
        values.forEach(array::add);
    }

    static List<String> texts(JsonNode node, String name) {
        List<String> values = new ArrayList<>();
        node.required(name).forEach(value -> values.add(value.asText()));
        return values;
    }

    static String text(JsonNode node, String name) {
        return node.required(name).asText();
    }

    static Instant instant(JsonNode node, String name) {
        return Instant.parse(text(node, name));
    }

    static Optional<String> optionalText(JsonNode node, String name) {
        return Optional.ofNullable(node.get(name)).map(JsonNode::asText);
    }

    static Optional<Instant> optionalInstant(JsonNode node, String name) {
        return optionalText(node, name).map(Instant::parse);
    }
}
