package atlas.gateway.anthropic;

import atlas.core.json.Json;
import atlas.gateway.openai.Fields;
import atlas.gateway.openai.InvalidRequest;
import atlas.gateway.openai.Utf8;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One value of a body that was read once and strictly, and where it stands. Numbers keep their
 * digits. No object has two names that differ only in case: some engines take them for one.
 */
final class Node {
    private static final Object NULL = new Object();
    private static final int MOST_IDENTIFIER = 128;

    private final String at;
    private final Object value;

    private Node(String at, Object value) {
        this.at = at;
        this.value = value;
    }

    /** A number as it was written. */
    private record Digits(String text, boolean whole) {}

    /** Reads a body, which is an object. */
    static Node read(byte[] body) throws InvalidRequest {
        if (!Utf8.wellFormed(body, 0, body.length)) {
            throw new InvalidRequest("", "the body is not plain UTF-8");
        }
        try (JsonParser in = Json.factory().createParser(body)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new InvalidRequest("", "the body must be a JSON object");
            }
            Node whole = new Node("", value(in));
            if (in.nextToken() != null) {
                throw new InvalidRequest("", "the body goes on after the JSON object");
            }
            return whole;
        } catch (JsonProcessingException e) {
            throw new InvalidRequest("", "the body is not valid JSON" + where(e));
        } catch (IOException e) {
            throw new InvalidRequest("", "the body is not valid JSON");
        }
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " at line %d, column %d"
                        .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
    }

    private static Object value(JsonParser in) throws InvalidRequest, IOException {
        return switch (in.currentToken()) {
            case START_OBJECT -> object(in);
            case START_ARRAY -> {
                List<Object> items = new ArrayList<>();
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    items.add(value(in));
                }
                yield items;
            }
            case VALUE_STRING -> whole(in.getText());
            case VALUE_NUMBER_INT -> new Digits(in.getText(), true);
            case VALUE_NUMBER_FLOAT -> new Digits(in.getText(), false);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> NULL;
            default -> throw new InvalidRequest("", "the body is not valid JSON");
        };
    }

    private static Map<String, Object> object(JsonParser in) throws InvalidRequest, IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        Set<String> folded = new HashSet<>();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = whole(in.currentName());
            if (!folded.add(name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT))) {
                String shown = Fields.shown(name);
                throw new InvalidRequest(
                        shown, "`" + shown + "` differs from a name beside it only in case");
            }
            in.nextToken();
            fields.put(name, value(in));
        }
        return fields;
    }

    private static String whole(String text) throws InvalidRequest {
        if (!Utf8.wholeCharacters(text)) {
            throw new InvalidRequest("", "the body holds half a surrogate pair");
        }
        return text;
    }

    String at() {
        return at;
    }

    boolean isText() {
        return value instanceof String;
    }

    /** Refuses what is no object, and every field that is not known; null means absent. */
    Node knowing(Set<String> known) throws InvalidRequest {
        for (Map.Entry<String, Object> field : fields().entrySet()) {
            if (!known.contains(field.getKey())) {
                Node unknown = new Node(below(field.getKey()), field.getValue());
                throw unknown.wrong("is not a parameter this gateway knows; remove it");
            }
        }
        return this;
    }

    /** Refuses what is no object. */
    Node object() throws InvalidRequest {
        fields();
        return this;
    }

    Optional<Node> field(String name) throws InvalidRequest {
        Object found = fields().get(name);
        return found == null || found == NULL
                ? Optional.empty()
                : Optional.of(new Node(below(name), found));
    }

    Node needed(String name) throws InvalidRequest {
        Optional<Node> found = field(name);
        return found.orElseThrow(() -> new Node(below(name), NULL).wrong("is missing"));
    }

    private String below(String name) {
        return at.isEmpty() ? Fields.shown(name) : at + "." + Fields.shown(name);
    }

    @SuppressWarnings("unchecked") // objects are made above, and nowhere else
    private Map<String, Object> fields() throws InvalidRequest {
        if (!(value instanceof Map<?, ?>)) {
            throw wrong("must be an object");
        }
        return (Map<String, Object>) value;
    }

    List<Node> items() throws InvalidRequest {
        if (!(value instanceof List<?> list)) {
            throw wrong("must be an array");
        }
        List<Node> items = new ArrayList<>(list.size());
        for (Object item : list) {
            items.add(new Node(at + "[" + items.size() + "]", item));
        }
        return items;
    }

    String text() throws InvalidRequest {
        if (!(value instanceof String text)) {
            throw wrong("must be a string");
        }
        return text;
    }

    /** A name the model may be shown: short, printable, without spaces, so it carries no prose. */
    String identifier() throws InvalidRequest {
        String text = text();
        if (text.isEmpty()
                || text.length() > MOST_IDENTIFIER
                || !text.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw wrong("must have 1 to 128 printable ASCII characters without spaces");
        }
        return text;
    }

    boolean flag() throws InvalidRequest {
        if (!(value instanceof Boolean flag)) {
            throw wrong("must be true or false");
        }
        return flag;
    }

    long integer(long low, long high) throws InvalidRequest {
        if (value instanceof Digits(String digits, boolean whole)
                && whole
                && digits.length() < 19) {
            long number = Long.parseLong(digits);
            if (number >= low && number <= high) {
                return number;
            }
        }
        throw wrong("must be an integer from " + low + " to " + high);
    }

    double number(double low, double high) throws InvalidRequest {
        if (value instanceof Digits(String digits, boolean _)) {
            double number = Double.parseDouble(digits);
            if (number >= low && number <= high) {
                return number;
            }
        }
        throw wrong("must be a number from %.0f to %.0f".formatted(low, high));
    }

    /** Writes it as it was read, handing every name and string in it to {@code texts}. */
    void write(JsonGenerator out, Consumer<String> texts) throws IOException {
        write(value, out, texts);
    }

    private static void write(Object value, JsonGenerator out, Consumer<String> texts)
            throws IOException {
        switch (value) {
            case Map<?, ?> fields -> {
                out.writeStartObject();
                for (Map.Entry<?, ?> field : fields.entrySet()) {
                    String name = String.valueOf(field.getKey());
                    texts.accept(name);
                    out.writeFieldName(name);
                    write(field.getValue(), out, texts);
                }
                out.writeEndObject();
            }
            case List<?> items -> {
                out.writeStartArray();
                for (Object item : items) {
                    write(item, out, texts);
                }
                out.writeEndArray();
            }
            case String text -> {
                texts.accept(text);
                out.writeString(text);
            }
            case Digits(String digits, boolean _) -> out.writeNumber(digits);
            case Boolean flag -> out.writeBoolean(flag);
            default -> out.writeNull();
        }
    }

    /** That it is not as it should be. */
    InvalidRequest wrong(String how) {
        return new InvalidRequest(at, "`" + at + "` " + how);
    }
}
