package atlas.export.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The published OCSF schema, as far as our events use it, asked whether an event is valid. */
final class OcsfSchema {
    private final JsonNode schema;
    private final List<String> problems = new ArrayList<>();

    private OcsfSchema(JsonNode schema) {
        this.schema = schema;
    }

    static OcsfSchema published() {
        try (InputStream in = OcsfSchema.class.getResourceAsStream("/ocsf/schema.json")) {
            return new OcsfSchema(Fact.JSON.readTree(Objects.requireNonNull(in)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String version() {
        return schema.path("version").asText();
    }

    /** What is wrong with an event; nothing when it is valid. */
    List<String> problems(JsonNode event) {
        problems.clear();
        long uid = event.path("class_uid").asLong(-1);
        for (Map.Entry<String, JsonNode> each : schema.path("classes").properties()) {
            if (each.getValue().path("uid").asLong() == uid) {
                shape(each.getKey(), each.getValue(), event, event);
                long type = uid * 100 + event.path("activity_id").asLong();
                if (event.path("type_uid").asLong() != type) {
                    problems.add("type_uid is not class_uid * 100 + activity_id");
                }
                if (event.path("category_uid").asLong() != uid / 1000) {
                    problems.add("category_uid is not the class's");
                }
                return List.copyOf(problems);
            }
        }
        problems.add("no class " + uid);
        return List.copyOf(problems);
    }

    private void shape(String at, JsonNode shape, JsonNode value, JsonNode event) {
        JsonNode attributes = shape.path("attributes");
        for (Map.Entry<String, JsonNode> given : value.properties()) {
            JsonNode attribute = attributes.path(given.getKey());
            String where = at + "." + given.getKey();
            if (attribute.isMissingNode()) {
                problems.add(where + " is unknown");
            } else {
                profile(where, attribute, event);
                attribute(where, attribute, given.getValue(), event);
            }
        }
        for (Map.Entry<String, JsonNode> known : attributes.properties()) {
            if (known.getValue().path("requirement").asText().equals("required")
                    && !value.has(known.getKey())) {
                problems.add(at + "." + known.getKey() + " is missing");
            }
        }
        JsonNode one = shape.path("constraints").path("at_least_one");
        boolean some = one.isEmpty();
        for (JsonNode name : one) {
            some |= value.has(name.asText());
        }
        if (!some) {
            problems.add(at + " has none of " + one);
        }
    }

    private void profile(String where, JsonNode attribute, JsonNode event) {
        if (attribute.has("profile")) {
            for (JsonNode name : event.path("metadata").path("profiles")) {
                if (name.equals(attribute.path("profile"))) {
                    return;
                }
            }
            problems.add(where + " is of a profile that the event does not name");
        }
    }

    private void attribute(String where, JsonNode attribute, JsonNode value, JsonNode event) {
        if (attribute.path("array").asBoolean()) {
            if (!value.isArray()) {
                problems.add(where + " is no array");
            }
            value.forEach(each -> single(where, attribute, each, event));
        } else {
            single(where, attribute, value, event);
        }
    }

    private void single(String where, JsonNode attribute, JsonNode value, JsonNode event) {
        String type = attribute.path("type").asText();
        boolean fits =
                switch (type) {
                    case "integer_t" -> value.isInt();
                    case "long_t", "timestamp_t" -> value.isIntegralNumber();
                    case "boolean_t" -> value.isBoolean();
                    case "object" -> value.isObject();
                    case "ip_t" -> value.isTextual() && Addresses.literal(value.asText());
                    default ->
                            type.endsWith("_t")
                                    ? value.isTextual() && !value.asText().isEmpty()
                                    : value.isObject();
                };
        if (!fits) {
            problems.add(where + " is no " + type + ": " + value);
        }
        JsonNode choices = attribute.path("enum");
        boolean known = choices.isEmpty();
        for (JsonNode choice : choices) {
            known |= choice.asText().equals(value.asText());
        }
        if (!known) {
            problems.add(where + " cannot be " + value);
        }
        if (!type.endsWith("_t") && !type.equals("object")) {
            JsonNode shape = schema.path("objects").path(type);
            if (shape.isMissingNode()) {
                problems.add(where + " is an object the fixture lacks: " + type);
            } else {
                shape(where, shape, value, event);
            }
        }
    }
}
