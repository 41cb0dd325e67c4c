package atlas.registry.json;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads one JSON value and nothing after it. Two readers must not be able to disagree on what they
 * read: duplicate names, broken UTF-8, a byte order mark and trailing bytes are refused.
 */
public final class StrictJson {
    private static final ObjectReader READER =
            new ObjectMapper(Json.factory().copy())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .reader();

    private StrictJson() {}

    /** Why a text is not one JSON value; the message never holds the text. */
    public static final class NotJson extends Exception {
        private static final long serialVersionUID = 1L;
        private final long offset;

        NotJson(String message, long offset) {
            super(message, null, false, false);
            this.offset = offset;
        }

        /** Where it stopped being JSON, in characters; -1 when not known. */
        public long offset() {
            return offset;
        }
    }

    /**
     * The value these bytes hold.
     *
     * @throws NotJson when they hold anything but exactly one
     */
    public static JsonNode parse(byte[] bytes) throws NotJson {
        String text = utf8(ByteBuffer.wrap(bytes));
        try {
            JsonNode node = READER.readTree(text);
            if (node == null || node.isMissingNode()) {
                throw new NotJson("empty", 0);
            }
            return node;
        } catch (JacksonException e) {
            String what =
                    e.getOriginalMessage().startsWith("Duplicate") ? "duplicate name" : "syntax";
            long at = e.getLocation() == null ? -1 : e.getLocation().getCharOffset();
            throw new NotJson(what + " at character " + at, at);
        }
    }

    /** Decodes UTF-8 and refuses what is not. */
    public static String utf8(ByteBuffer bytes) throws NotJson {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes)
                    .toString();
        } catch (CharacterCodingException e) {
            throw new NotJson("not UTF-8", -1);
        }
    }
}
