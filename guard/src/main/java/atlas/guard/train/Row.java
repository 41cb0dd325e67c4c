package atlas.guard.train;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** One labelled text of the training data. */
record Row(
        String text, boolean attack, String source, String category, String lang, String channel) {
    /** Reads a gzipped file of JSON Lines. */
    static List<Row> read(Path file) throws IOException {
        List<Row> rows = new ArrayList<>();
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Files.newInputStream(file)),
                                StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                rows.add(parse(line));
            }
        }
        return rows;
    }

    private static Row parse(String line) throws IOException {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser parser = Json.factory().createParser(line)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                fields.put(name, parser.getText());
            }
        }
        return new Row(
                fields.getOrDefault("text", ""),
                fields.getOrDefault("label", "0").equals("1"),
                fields.getOrDefault("source", ""),
                fields.getOrDefault("category", ""),
                fields.getOrDefault("lang", ""),
                fields.getOrDefault("channel", "mixed"));
    }
}
