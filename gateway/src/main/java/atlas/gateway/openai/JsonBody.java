package atlas.gateway.openai;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A small JSON object of a request, read once and strictly: UTF-8, no duplicate names, known fields
 * of known types. A field that is null is a field that is not there.
 */
final class JsonBody {
    private static final int MOST_ELEMENTS = 100_000;

    private final String at;
    private final Map<String, Object> fields;

    private JsonBody(String at, Map<String, Object> fields) {
        this.at = at;
        this.fields = fields;
    }

    /** Reads a body; an empty one is an object without fields. */
    static JsonBody read(byte[] body, Set<String> known) throws InvalidRequest {
        if (!Utf8.wellFormed(body, 0, body.length)) {
            throw new InvalidRequest("", "the body is not plain UTF-8");
        }
        Map<String, Object> fields = Map.of();
        try (JsonParser in = Json.factory().createParser(body)) {
            JsonToken first = in.nextToken();
            if (first != null) {
                if (first != JsonToken.START_OBJECT) {
                    throw new InvalidRequest("", "the body must be a JSON object");
                }
                fields = object(in);
                if (in.nextToken() != null) {
                    throw new InvalidRequest("", "the body goes on after the JSON object");
                }
            }
        } catch (IOException e) {
            throw new InvalidRequest("", "the body is not valid JSON");
        }
        return new JsonBody("", fields).knowing(known);
    }

    private static Map<String, Object> object(JsonParser in) throws InvalidRequest, IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            in.nextToken();
            Object value = value(in);
            if (value != null) {
                fields.put(name, value);
            }
        }
        return fields;
    }

    private static @Nullable Object value(JsonParser in) throws InvalidRequest, IOException {
        return switch (in.currentToken()) {
            case START_OBJECT -> object(in);
            case START_ARRAY -> array(in);
            case VALUE_STRING -> {
                String text = in.getText();
                if (!Utf8.wholeCharacters(text)) {
                    throw new InvalidRequest("", "the body holds half a surrogate pair");
                }
                yield text;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> in.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new InvalidRequest("", "the body is not valid JSON");
        };
    }

    // Numbers, as in a vector, are kept as such; there may be very many of them.
    private static Object array(JsonParser in) throws InvalidRequest, IOException {
        List<Object> values = new ArrayList<>();
        double[] numbers = new double[16];
        int count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (values.size() + count >= MOST_ELEMENTS) {
                throw new InvalidRequest("", "the body has an array of too many elements");
            }
            if (in.currentToken().isNumeric() && values.isEmpty()) {
                numbers = count == numbers.length ? Arrays.copyOf(numbers, 2 * count) : numbers;
                numbers[count++] = in.getDoubleValue();
            } else {
                Object value = value(in);
                if (value == null || count > 0) {
                    throw new InvalidRequest("", "the body has an array of unlike elements");
                }
                values.add(value);
            }
        }
        return count > 0 ? Arrays.copyOf(numbers, count) : values;
    }

    private JsonBody knowing(Set<String> known) throws InvalidRequest {
        for (String name : fields.keySet()) {
            if (!known.contains(name)) {
                String shown = at + Fields.shown(name);
                throw new InvalidRequest(
                        shown, "`" + shown + "` is no parameter that Atlas knows; remove it");
            }
        }
        return this;
    }

    Set<String> names() {
        return fields.keySet();
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    /** A value of whatever type; empty when it is not there. */
    Optional<Object> value(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    Optional<String> text(String name, int most) throws InvalidRequest {
        Object value = fields.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof String text) || text.length() > most) {
            throw wrong(name, "a string of at most " + most + " characters");
        }
        return Optional.of(text);
    }

    int integer(String name, int low, int high, int otherwise) throws InvalidRequest {
        Object value = fields.get(name);
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof Double number)
                || number != Math.rint(number)
                || number < low
                || number > high) {
            throw wrong(name, "an integer from " + low + " to " + high);
        }
        return (int) (double) number;
    }

    double number(String name, double low, double high, double otherwise) throws InvalidRequest {
        Object value = fields.get(name);
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof Double number) || number < low || number > high) {
            throw wrong(name, "a number from " + low + " to " + high);
        }
        return number;
    }

    /** Numbers, all of which fit a float; empty when there are none. */
    Optional<float[]> vector(String name) throws InvalidRequest {
        Object value = fields.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof double[] numbers)) {
            throw wrong(name, "an array of numbers");
        }
        float[] vector = new float[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            vector[i] = (float) numbers[i];
            if (!Float.isFinite(vector[i])) {
                throw wrong(name, "an array of numbers that a float can hold");
            }
        }
        return Optional.of(vector);
    }

    Optional<JsonBody> object(String name, Set<String> known) throws InvalidRequest {
        Optional<JsonBody> object = object(name);
        return object.isEmpty() ? object : Optional.of(object.get().knowing(known));
    }

    /** An object whose names are the caller's. */
    @SuppressWarnings("unchecked") // objects are made above, and nowhere else
    Optional<JsonBody> object(String name) throws InvalidRequest {
        Object value = fields.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw wrong(name, "an object");
        }
        return Optional.of(new JsonBody(at + name + ".", (Map<String, Object>) map));
    }

    /** The objects of an array. */
    @SuppressWarnings("unchecked") // objects are made above, and nowhere else
    List<JsonBody> objects(String name, int most, Set<String> known) throws InvalidRequest {
        Object value = fields.get(name);
        if (!(value instanceof List<?> list) || list.isEmpty() || list.size() > most) {
            throw wrong(name, "an array of 1 to " + most + " objects");
        }
        List<JsonBody> objects = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            if (!(list.get(i) instanceof Map<?, ?> map)) {
                throw wrong(name, "an array of 1 to " + most + " objects");
            }
            String where = at + name + "[" + i + "].";
            objects.add(new JsonBody(where, (Map<String, Object>) map).knowing(known));
        }
        return objects;
    }

    InvalidRequest wrong(String name, String wanted) {
        String field = at + Fields.shown(name);
        return new InvalidRequest(field, "`" + field + "` must be " + wanted);
    }
}
