package atlas.identity.token;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object read strictly (no name twice, nothing after it), with accessors that refuse a value
 * of another type than the one asked for.
 */
final class JsonObject {
    private final Map<String, Object> members;

    private JsonObject(Map<String, Object> members) {
        this.members = members;
    }

    static JsonObject parse(byte[] utf8) throws TokenFault {
        try (JsonParser in = Json.factory().createParser(utf8)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new TokenFault("token_malformed");
            }
            JsonObject object = object(in);
            if (in.nextToken() != null) {
                throw new TokenFault("token_malformed");
            }
            return object;
        } catch (IOException e) {
            throw new TokenFault("token_malformed");
        }
    }

    private static JsonObject object(JsonParser in) throws IOException {
        Map<String, Object> members = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String name = in.currentName();
            in.nextToken();
            Object value = value(in);
            if (value != null) {
                members.put(name, value);
            }
        }
        return new JsonObject(members);
    }

    private static @Nullable Object value(JsonParser in) throws IOException {
        return switch (in.currentToken()) {
            case START_OBJECT -> object(in);
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    Object element = value(in);
                    list.add(element == null ? false : element);
                }
                yield list;
            }
            case VALUE_STRING -> in.getText();
            case VALUE_NUMBER_INT -> in.getBigIntegerValue();
            case VALUE_NUMBER_FLOAT -> in.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    boolean has(String name) {
        return members.containsKey(name);
    }

    Iterable<String> names() {
        return members.keySet();
    }

    String text(String name) throws TokenFault {
        if (members.get(name) instanceof String text) {
            return text;
        }
        throw new TokenFault("token_malformed");
    }

    /** Empty when absent. */
    String optionalText(String name) throws TokenFault {
        return has(name) ? text(name) : "";
    }

    /** Seconds, whole: what a NumericDate (RFC 7519 §2) is cut to. */
    long seconds(String name) throws TokenFault {
        Object value = members.get(name);
        if (value instanceof Number number) {
            double wide = number.doubleValue();
            if (wide >= 0 && wide < 1e11) {
                return number.longValue();
            }
        }
        throw new TokenFault("token_malformed");
    }

    JsonObject object(String name) throws TokenFault {
        if (members.get(name) instanceof JsonObject object) {
            return object;
        }
        throw new TokenFault("token_malformed");
    }

    /** An array of objects. */
    List<JsonObject> objects(String name) throws TokenFault {
        List<JsonObject> objects = new ArrayList<>();
        if (members.get(name) instanceof List<?> list) {
            for (Object element : list) {
                if (!(element instanceof JsonObject object)) {
                    throw new TokenFault("token_malformed");
                }
                objects.add(object);
            }
            return objects;
        }
        throw new TokenFault("token_malformed");
    }

    /** An array of texts, or one text; empty when absent. */
    List<String> texts(String name) throws TokenFault {
        Object value = members.get(name);
        if (value == null) {
            return List.of();
        }
        if (value instanceof String one) {
            return List.of(one);
        }
        List<String> texts = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object element : list) {
                if (!(element instanceof String text)) {
                    throw new TokenFault("token_malformed");
                }
                texts.add(text);
            }
            return texts;
        }
        throw new TokenFault("token_malformed");
    }
}
