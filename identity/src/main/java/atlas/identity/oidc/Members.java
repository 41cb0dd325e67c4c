package atlas.identity.oidc;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON object of a provider strictly: no duplicate names, nothing after it, bounded depth.
 */
final class Members {
    private static final int MAX_DEPTH = 8;

    private Members() {}

    /** The members; a JSON null is left out. */
    static Map<String, Object> of(byte[] bytes) throws IOException {
        try (JsonParser in = Json.factory().createParser(bytes)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            Map<String, Object> members = object(in, 1);
            if (in.nextToken() != null) {
                throw new IOException("something follows the JSON object");
            }
            return members;
        }
    }

    private static Map<String, Object> object(JsonParser in, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("the JSON is nested too deeply");
        }
        Map<String, Object> members = new HashMap<>();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            in.nextToken();
            Object value = value(in, depth);
            if (value != null) {
                members.put(name, value);
            }
        }
        return members;
    }

    private static @Nullable Object value(JsonParser in, int depth) throws IOException {
        return switch (in.currentToken()) {
            case START_OBJECT -> object(in, depth + 1);
            case START_ARRAY -> array(in, depth + 1);
            case VALUE_STRING -> in.getText();
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NUMBER_INT ->
                    in.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                            ? (Object) in.getDoubleValue()
                            : (Object) in.getLongValue();
            case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
            case VALUE_NULL -> null;
            default -> throw new IOException("not JSON");
        };
    }

    private static List<Object> array(JsonParser in, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("the JSON is nested too deeply");
        }
        List<Object> items = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            Object value = value(in, depth);
            if (value != null) {
                items.add(value);
            }
        }
        return items;
    }

    /** The strings of an array member; none when it is anything else. */
    static Set<String> strings(Map<String, Object> members, String name) {
        Set<String> found = new HashSet<>();
        if (members.get(name) instanceof List<?> list) {
            for (Object one : list) {
                if (one instanceof String text) {
                    found.add(text);
                }
            }
        }
        return found;
    }
}
