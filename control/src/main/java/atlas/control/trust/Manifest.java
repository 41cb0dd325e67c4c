package atlas.control.trust;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code trust-root.json}: written last at first start, it says that the installation is
 * established and what it is. Holds nothing secret.
 */
public final class Manifest {
    /** The file's name in the home directory. */
    public static final String FILE = "trust-root.json";

    private final Map<String, String> values;

    public Manifest(Map<String, String> values) {
        this.values = new TreeMap<>(values);
    }

    /** Reads it; empty when the installation is not established. */
    public static Optional<Manifest> read(HomeDirectory home) {
        Optional<byte[]> bytes = home.read(FILE);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        try (JsonParser in = Json.factory().createParser(bytes.get())) {
            while (in.nextToken() != null) {
                if (in.currentToken() == JsonToken.VALUE_STRING) {
                    values.put(in.currentName(), in.getText());
                }
            }
        } catch (IOException e) {
            throw new PieceException(
                    "`"
                            + home.path(FILE)
                            + "` is not the JSON it was written as; restore it from"
                            + " a backup of this home",
                    e);
        }
        return Optional.of(new Manifest(values));
    }

    public void write(HomeDirectory home) {
        home.write(
                FILE,
                Json.bytes(out -> {
                    out.useDefaultPrettyPrinter();
                    out.writeStartObject();
                    for (Map.Entry<String, String> entry : values.entrySet()) {
                        out.writeStringField(entry.getKey(), entry.getValue());
                    }
                    out.writeEndObject();
                    out.writeRaw('\n');
                }));
    }

    /** Refuses when what was opened is not what was established, in whole. */
    public void requireSame(HomeDirectory home, Manifest opened) {
        for (String name : values.keySet()) {
            // A name that nobody writes was another one once, and is missed under that.
            if (!opened.values.containsKey(name)) {
                throw new PieceException(
                        "`"
                                + home.path(FILE)
                                + "` holds `"
                                + name
                                + "`, which this version does not write; restore the file from a"
                                + " backup of this home, or start the version that wrote it",
                        null);
            }
        }
        for (Map.Entry<String, String> now : opened.values.entrySet()) {
            String then = values.get(now.getKey());
            if (!now.getValue().equals(then)) {
                throw new PieceException(
                        "`"
                                + home.path(FILE)
                                + "` says `"
                                + now.getKey()
                                + "` is `"
                                + then
                                + "`, but this start has `"
                                + now.getValue()
                                + "`; "
                                + hint(now.getKey()),
                        null);
            }
        }
    }

    private static String hint(String name) {
        return name.equals("trust_domain")
                ? "set `trust-domain` back, or choose another directory with --home"
                : "files of two homes were mixed: restore the whole home from one backup";
    }

    /** The same and one more value. */
    public Manifest with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(values);
        more.put(name, value);
        return new Manifest(more);
    }

    public String value(String name) {
        return values.getOrDefault(name, "");
    }
}
