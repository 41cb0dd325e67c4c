package atlas.vault.kek;

import atlas.core.crypto.KeyUnavailableException;
import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What key services say: the text, number and truth members of a JSON object, by dotted path. */
final class KekJson {
    private final Map<String, String> members;

    private KekJson(Map<String, String> members) {
        this.members = members;
    }

    /** The members; none when it is not a JSON object. */
    static KekJson of(byte[] body) {
        Map<String, String> members = new LinkedHashMap<>();
        try (JsonParser in = Json.factory().createParser(body)) {
            if (in.nextToken() == JsonToken.START_OBJECT) {
                object(in, "", members);
            }
        } catch (IOException e) {
            return new KekJson(Map.of());
        }
        return new KekJson(members);
    }

    private static void object(JsonParser in, String path, Map<String, String> members)
            throws IOException {
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = path + in.currentName();
            value(in, in.nextToken(), name, members);
        }
    }

    private static void value(
            JsonParser in, JsonToken token, String name, Map<String, String> members)
            throws IOException {
        if (token == JsonToken.START_OBJECT) {
            object(in, name + ".", members);
        } else if (token == JsonToken.START_ARRAY) {
            int index = 0;
            for (JsonToken next = in.nextToken();
                    next != null && next != JsonToken.END_ARRAY;
                    next = in.nextToken()) {
                value(in, next, name + "." + index++, members);
            }
        } else if (token != null && token.isScalarValue()) {
            members.put(name, in.getText());
        }
    }

    Optional<String> text(String path) {
        return Optional.ofNullable(members.get(path));
    }

    /** A member that an answer of success always has. */
    String need(String path) {
        return text(path)
                .orElseThrow(() ->
                        new KeyUnavailableException(
                                "the key service's answer lacks `" + path + "`", null));
    }

    byte[] bytes(String path) {
        return decoded(path, Base64.getDecoder());
    }

    byte[] urlBytes(String path) {
        return decoded(path, Base64.getUrlDecoder());
    }

    private byte[] decoded(String path, Base64.Decoder decoder) {
        try {
            return decoder.decode(need(path));
        } catch (IllegalArgumentException e) {
            throw new KeyUnavailableException("the key service's `" + path + "` is not base64", e);
        }
    }

    /** One JSON object of text members. */
    static byte[] object(Map<String, String> members) {
        return Json.bytes(out -> {
            out.writeStartObject();
            for (Map.Entry<String, String> member : members.entrySet()) {
                out.writeStringField(member.getKey(), member.getValue());
            }
            out.writeEndObject();
        });
    }
}
