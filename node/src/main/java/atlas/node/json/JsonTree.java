package atlas.node.json;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A JSON object as read; typed access throws {@link BadJson} for what is of another type. */
public final class JsonTree {
    private final Map<String, Object> fields;

    private JsonTree(Map<String, Object> fields) {
        this.fields = fields;
    }

    /** Stands for null, so that absent and null are the same to {@link #find}. */
    private enum Null {
        NULL
    }

    /** Reads one object and nothing after it. */
    public static JsonTree object(byte[] json) {
        try (JsonParser in = Json.factory().createParser(json)) {
            Object value = value(in, in.nextToken());
            if (in.nextToken() != null || !(value instanceof JsonTree tree)) {
                throw new BadJson("the body must be one JSON object");
            }
            return tree;
        } catch (IOException e) {
            throw new BadJson("the body is not valid JSON");
        }
    }

    private static Object value(JsonParser in, JsonToken token) throws IOException {
        if (token == null) {
            throw new BadJson("the body must be one JSON object");
        }
        return switch (token) {
            case START_OBJECT -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                while (in.nextToken() != JsonToken.END_OBJECT) {
                    String name = in.currentName();
                    fields.put(name, value(in, in.nextToken()));
                }
                yield new JsonTree(fields);
            }
            case START_ARRAY -> {
                List<Object> items = new ArrayList<>();
                for (JsonToken t = in.nextToken(); t != JsonToken.END_ARRAY; t = in.nextToken()) {
                    items.add(value(in, t));
                }
                yield items;
            }
            case VALUE_STRING -> in.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> in.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> Null.NULL;
        };
    }

    /** The names of the fields, as they came. */
    public Set<String> names() {
        return Collections.unmodifiableSet(fields.keySet());
    }

    /** The value, empty when absent or null. */
    public <T> Optional<T> find(String name, Class<T> type) {
        Object value = fields.get(name);
        if (value == null || value == Null.NULL) {
            return Optional.empty();
        }
        if (!type.isInstance(value)) {
            throw new BadJson("`" + name + "` is of the wrong type");
        }
        return Optional.of(type.cast(value));
    }

    /** Whether there is anything but null, false, or an empty list or object. */
    public boolean asks(String name) {
        Object value = fields.get(name);
        return value != null
                && value != Null.NULL
                && !Boolean.FALSE.equals(value)
                && !(value instanceof List<?> list && list.isEmpty())
                && !(value instanceof JsonTree tree && tree.fields.isEmpty());
    }

    /** A list, empty when absent. */
    public List<?> list(String name) {
        if (find(name, Object.class).orElse(List.of()) instanceof List<?> list) {
            return list;
        }
        throw new BadJson("`" + name + "` must be a list");
    }

    /** A text that must be there. */
    public String text(String name) {
        return find(name, String.class).orElseThrow(() -> new BadJson("`" + name + "` is missing"));
    }

    public boolean flag(String name) {
        return find(name, Boolean.class).orElse(false);
    }

    public double number(String name, double otherwise) {
        return find(name, java.math.BigDecimal.class)
                .map(java.math.BigDecimal::doubleValue)
                .orElse(otherwise);
    }

    /** A whole number that fits, empty when absent. */
    public Optional<Long> whole(String name) {
        Optional<java.math.BigDecimal> value = find(name, java.math.BigDecimal.class);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(value.get().longValueExact());
        } catch (ArithmeticException e) {
            throw new BadJson("`" + name + "` must be a whole number");
        }
    }
}
