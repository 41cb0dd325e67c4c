package atlas.journal;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads which keys an entry of kind {@code subject.erased} says are gone. */
final class ErasedKeys {
    private ErasedKeys() {}

    static List<String> of(String json) {
        List<String> labels = new ArrayList<>();
        try (JsonParser in = Json.factory().createParser(json)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                boolean keys = in.currentName().equals("keys");
                if (in.nextToken() == JsonToken.START_ARRAY && keys) {
                    while (in.nextToken() == JsonToken.VALUE_STRING) {
                        labels.add(in.getText());
                    }
                } else {
                    in.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new JournalException("an erasure in the journal is not JSON", e);
        }
        return labels;
    }
}
