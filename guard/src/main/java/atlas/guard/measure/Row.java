package atlas.guard.measure;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** One labelled text. */
public record Row(
        String text, boolean attack, String source, String category, String lang, String channel) {
    /**
     * Reads a file of JSON Lines, gzipped or not.
     *
     * @throws UnreadableRow naming the line when one is not a JSON object with a text and a label
     * @throws IOException when the file cannot be read
     */
    public static List<Row> read(Path file) throws IOException {
        return read(file, false);
    }

    /**
     * Reads the rows of a file that are not labelled as attacks; a label may be missing.
     *
     * @throws UnreadableRow naming the line when one is not a JSON object with a text
     * @throws IOException when the file cannot be read
     */
    public static List<Row> readHarmless(Path file) throws IOException {
        return read(file, true).stream().filter(row -> !row.attack()).toList();
    }

    private static List<Row> read(Path file, boolean unlabelled) throws IOException {
        List<Row> rows = new ArrayList<>();
        int number = 0;
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(open(file), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (!line.isBlank()) {
                    rows.add(parse(line, file + " line " + number, unlabelled));
                }
            }
        }
        return rows;
    }

    private static InputStream open(Path file) throws IOException {
        InputStream raw = Files.newInputStream(file);
        return file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
    }

    private static Row parse(String line, String where, boolean unlabelled) throws IOException {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser parser = Json.factory().createParser(line)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (parser.nextToken().isScalarValue()) {
                    fields.put(name, parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
        } catch (JacksonException e) {
            throw new UnreadableRow(where + " is not a JSON object", e);
        }
        String label = fields.getOrDefault("label", unlabelled ? "0" : "");
        if (!fields.containsKey("text") || !(label.equals("0") || label.equals("1"))) {
            throw new UnreadableRow(
                    where + " lacks a `text` or a `label`, which is 1 for an attack and 0 if not");
        }
        return new Row(
                fields.getOrDefault("text", ""),
                label.equals("1"),
                fields.getOrDefault("source", "unnamed"),
                fields.getOrDefault("category", "unnamed"),
                fields.getOrDefault("lang", "unnamed"),
                fields.getOrDefault("channel", fields.getOrDefault("role", "mixed")));
    }

    /** A line that is not a labelled text. */
    public static final class UnreadableRow extends IOException {
        private static final long serialVersionUID = 1L;

        UnreadableRow(String message) {
            super(message);
        }

        UnreadableRow(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
