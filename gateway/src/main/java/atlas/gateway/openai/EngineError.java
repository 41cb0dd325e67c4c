package atlas.gateway.openai;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;

/** The words of an OpenAI-shaped error. */
public final class EngineError {
    private static final int MAX_CHARS = 300;

    private EngineError() {}

    /** The message, if there is one that is short and printable. */
    public static Optional<String> message(byte[] body) {
        if (!Utf8.wellFormed(body, 0, body.length)) {
            return Optional.empty();
        }
        try (JsonParser in = Json.factory().createParser(body)) {
            if (in.nextToken() != JsonToken.START_OBJECT
                    || !"error".equals(in.nextFieldName())
                    || in.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                boolean message = in.currentName().equals("message");
                if (message && in.nextToken() == JsonToken.VALUE_STRING) {
                    return printable(in.getText());
                }
                if (!message) {
                    in.nextToken();
                    in.skipChildren();
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> printable(String text) {
        boolean fits = !text.isEmpty() && text.length() <= MAX_CHARS;
        return fits && text.chars().allMatch(c -> c >= ' ' && c != 0x7f)
                ? Optional.of(Utf8.repaired(text))
                : Optional.empty();
    }
}
