package atlas.control.api;

import atlas.core.json.Json;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
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
    private static final ObjectMapper MAPPER =
            new ObjectMapper(Json.factory()).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final int MAX_TEXT = 4096;

    private final Map<String, Object> values;

    private Input(Map<String, Object> values) {
        this.values = values;
    }

    /** Reads the query string and the JSON body of a call to {@code route}. */
    static Input read(Route route, Exchange exchange) throws Refusal {
        Map<String, Object> values = new LinkedHashMap<>();
        readQuery(route.query(), exchange.query(), values);
        if (!route.takesBytes() && exchange.body().length > 0) {
            requireJson(exchange.headers());
            readBody(route.body(), exchange.body(), values);
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
                        case BOOLEAN -> flag(name, text);
                    };
            if (values.put(name, value) != null) {
                throw Problems.invalid("`" + name + "` is given twice");
            }
        }
    }

    /**
     * A form or plain text is what a browser sends for a foreign page, and with a client
     * certificate it would even be authenticated. No type at all is what plain tools send.
     */
    private static void requireJson(Headers headers) throws Refusal {
        String type = headers.first("content-type").orElse("application/json");
        int end = type.indexOf(';');
        String media = (end < 0 ? type : type.substring(0, end)).strip();
        if (!media.equalsIgnoreCase("application/json")) {
            throw Problems.invalid("send the body with `content-type: application/json`");
        }
        if (!headers.first("content-encoding").orElse("identity").equalsIgnoreCase("identity")) {
            throw Problems.invalid("send the body uncompressed, without `content-encoding`");
        }
    }

    private static void readBody(List<Field> fields, byte[] body, Map<String, Object> values)
            throws Refusal {
        JsonNode root;
        try {
            // Decoded here: from bytes the parser would guess at other encodings.
            root = MAPPER.readTree(utf8(body));
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

    private static String utf8(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(bytes))
                .toString();
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

    /** Digits and a sign only: no plus, no digits of other scripts. */
    private static long integer(String name, String text) throws Refusal {
        int start = text.startsWith("-") ? 1 : 0;
        boolean good = text.length() > start && text.length() - start <= 18;
        for (int i = start; i < text.length(); i++) {
            good &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        if (!good) {
            throw Problems.invalid("`" + name + "` must be of type integer");
        }
        return Long.parseLong(text);
    }

    private static boolean flag(String name, String text) throws Refusal {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw Problems.invalid("`" + name + "` must be `true` or `false`");
        };
    }

    private static String decode(String text) throws Refusal {
        try {
            String decoded = URLDecoder.decode(text, StandardCharsets.UTF_8);
            // The decoder repairs what is not UTF-8; two readers may repair differently.
            if (decoded.indexOf(0xfffd) < 0 && decoded.chars().noneMatch(Character::isISOControl)) {
                return decoded;
            }
        } catch (IllegalArgumentException e) {
            throw Problems.invalid("the query is not percent-encoded UTF-8");
        }
        throw Problems.invalid("the query is not percent-encoded UTF-8 without control characters");
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
