package atlas.journal.verify;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * What the log itself says a checker has to demand of it, in an entry that is not sealed. The last
 * one counts.
 *
 * @param secondKey that has to sign its checkpoints as well; empty for none
 * @param shared whether the log is one of several members
 */
record Demands(long index, String secondKey, boolean shared) {
    /** What stands in place of a key's name in such an entry. */
    static final String LABEL = "charter";

    private static final String KIND = "log.chartered";

    /** Reads the payload of such an entry. */
    static Demands read(long index, byte[] json, String where) throws BrokenException {
        String kind = "";
        String second = "";
        boolean shared = false;
        try (JsonParser in = Json.factory().createParser(json)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                JsonToken value = in.nextToken();
                switch (name) {
                    case "kind" -> kind = in.getText();
                    case "second_key" -> second = in.getText();
                    case "shared" -> shared = value == JsonToken.VALUE_TRUE;
                    default -> in.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new BrokenException(index, "the entry in the open is no JSON object", where);
        }
        if (!kind.equals(KIND)) {
            throw new BrokenException(index, "an entry in the open that is no charter", where);
        }
        return new Demands(index, second, shared);
    }
}
