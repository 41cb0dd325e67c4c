package atlas.control.api;

import atlas.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The values of a call, checked against the fields its route lists: an unknown name, a missing one
 * or a wrong type is refused before any operation sees it.
 */
final class Input {
    private static final ObjectMapper MAPPER = new ObjectMapper(Json.factory());
    private static final int MAX_TEXT = 4096;

    private final Map<String, Object> values;

    private Input(Map<String, Object> values) {
        this.values = values;
    }

    /** Reads the query string and the JSON body of a call to {@code route}. */
    static Input read(Route route, String query, byte[] body) throws Refusal {
        Map<String, Object> values = new LinkedHashMap<>();
        readQuery(route.query(), query, values);
        if (!route.takesBytes()) {
            readBody(route.body(), body, values);
        }
        for (Field field : route.fields()) {
            if (field.required() && !values.containsKey(field.name())) {
                throw Problems.invalid("`" + field.name() + "` is missing: " + field.description());
            }
        }
        return new Input(values);
    }

    private static void readQuery(List<Field> fields, String query, Map<String, Object> values)
            throws Refusal {
        if (query.isEmpty()) {
            return;
        }
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            String text = equals < 0 ? "" : decode(pair.substring(equals + 1));
            Field field = known(fields, name, "query");
            Object value =
                    switch (field.type()) {
                        case STRING -> shortText(name, text);
                        case STRINGS -> List.of(text.split(",", -1));
                        case INTEGER -> integer(name, text);
                        case BOOLEAN -> Boolean.valueOf(text);
                    };
            if (values.put(name, value) != null) {
                throw Problems.invalid("`" + name + "` is given twice");
            }
        }
    }

    private static void readBody(List<Field> fields, byte[] body, Map<String, Object> values)
            throws Refusal {
        if (body.length == 0) {
            return;
        }
        JsonNode root;
        try {
            root = MAPPER.readTree(body);
        } catch (IOException e) {
            throw Problems.invalid("the body is not valid JSON");
        }
        if (root == null || !root.isObject()) {
            throw Problems.invalid("the body is not a JSON object");
        }
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            Field field = known(fields, entry.getKey(), "body");
            if (!entry.getValue().isNull()) {
                values.put(field.name(), value(field, entry.getValue()));
            }
        }
    }

    private static Object value(Field field, JsonNode node) throws Refusal {
        boolean fits =
                switch (field.type()) {
                    case STRING -> node.isTextual();
                    case STRINGS -> node.isArray() && allText(node);
                    case INTEGER -> node.isIntegralNumber() && node.canConvertToLong();
                    case BOOLEAN -> node.isBoolean();
                };
        if (!fits) {
            throw Problems.invalid(
                    "`"
                            + field.name()
                            + "` must be "
                            + (field.type() == Field.Type.STRINGS
                                    ? "an array of strings"
                                    : "of type " + field.type().schemaName()));
        }
        return switch (field.type()) {
            case STRING ->
                    field.name().equals("signature")
                            ? node.textValue()
                            : shortText(field.name(), node.textValue());
            case STRINGS -> texts(field.name(), node);
            case INTEGER -> node.longValue();
            case BOOLEAN -> node.booleanValue();
        };
    }

    private static boolean allText(JsonNode array) {
        for (JsonNode element : array) {
            if (element.getNodeType() != JsonNodeType.STRING) {
                return false;
            }
        }
        return array.size() <= 256;
    }

    private static List<String> texts(String name, JsonNode array) throws Refusal {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : array) {
            texts.add(shortText(name, element.textValue()));
        }
        return texts;
    }

    private static String shortText(String name, String text) throws Refusal {
        if (text.length() > MAX_TEXT) {
            throw Problems.invalid("`" + name + "` is longer than " + MAX_TEXT + " characters");
        }
        return text;
    }

    private static Field known(List<Field> fields, String name, String place) throws Refusal {
        for (Field field : fields) {
            if (field.name().equals(name)) {
                return field;
            }
        }
        String names = String.join("`, `", fields.stream().map(Field::name).toList());
        throw Problems.invalid(
                "unknown name in the "
                        + place
                        + ": `"
                        + (name.length() > 64 ? "…" : name)
                        + "`"
                        + (fields.isEmpty() ? "; it takes none" : "; it takes `" + names + "`"));
    }

    private static long integer(String name, String text) throws Refusal {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw Problems.invalid("`" + name + "` must be of type integer");
        }
    }

    private static String decode(String text) throws Refusal {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Problems.invalid("the query is not percent-encoded UTF-8");
        }
    }

    /** A field its route requires. */
    String text(String name) {
        return optionalText(name).orElseThrow();
    }

    Optional<String> optionalText(String name) {
        return Optional.ofNullable((String) values.get(name));
    }

    long integer(String name, long otherwise) {
        return values.get(name) instanceof Long value ? value : otherwise;
    }

    boolean flag(String name) {
        return Boolean.TRUE.equals(values.get(name));
    }

    @SuppressWarnings("unchecked")
    List<String> texts(String name) {
        return values.get(name) instanceof List<?> list ? (List<String>) list : List.of();
    }
}
