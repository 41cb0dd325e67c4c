package atlas.backup;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The last thing in a backup: what is in it.
 *
 * @param checkpoint the signed checkpoint of the journal in it; empty when there is none
 * @param entries of the journal, the first so many of the log
 * @param kek the URI of the key encryption key that the keys in it are wrapped by
 * @param contents what is in it beside what always is: {@code weights}, {@code kek}
 * @param counts files and bytes by the folder they lie in
 */
public record BackupManifest(
        Instant created,
        String checkpoint,
        long entries,
        String kek,
        List<String> contents,
        Map<String, Count> counts) {
    public BackupManifest {
        contents = List.copyOf(contents);
        counts = Map.copyOf(counts);
    }

    /** So many files with so many bytes together. */
    public record Count(long files, long bytes) {
        Count plus(long more) {
            return new Count(files + 1, bytes + more);
        }
    }

    BackupManifest counted(Map<String, Count> counted) {
        return new BackupManifest(created, checkpoint, entries, kek, contents, counted);
    }

    byte[] json() {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("created", created.toString());
            out.writeStringField("checkpoint", checkpoint);
            out.writeStringField("entries", Long.toString(entries));
            out.writeStringField("kek", kek);
            out.writeStringField("contents", String.join(" ", contents));
            for (Map.Entry<String, Count> count : new TreeMap<>(counts).entrySet()) {
                Count value = count.getValue();
                out.writeStringField(
                        "count:" + count.getKey(), value.files() + " " + value.bytes());
            }
            out.writeEndObject();
        });
    }

    static BackupManifest parse(byte[] json) throws BrokenBackup {
        try {
            Map<String, String> values = values(json);
            Map<String, Count> counts = new HashMap<>();
            for (Map.Entry<String, String> value : values.entrySet()) {
                if (value.getKey().startsWith("count:")) {
                    String[] parts = value.getValue().split(" ", 2);
                    counts.put(
                            value.getKey().substring(6),
                            new Count(Long.parseLong(parts[0]), Long.parseLong(parts[1])));
                }
            }
            String contents = need(values, "contents");
            return new BackupManifest(
                    Instant.parse(need(values, "created")),
                    need(values, "checkpoint"),
                    Long.parseLong(need(values, "entries")),
                    need(values, "kek"),
                    contents.isEmpty() ? List.of() : List.of(contents.split(" ", -1)),
                    counts);
        } catch (IOException | RuntimeException e) {
            throw new BrokenBackup("its manifest is damaged");
        }
    }

    private static String need(Map<String, String> values, String name) throws BrokenBackup {
        String value = values.get(name);
        if (value == null) {
            throw new BrokenBackup("its manifest lacks `" + name + "`");
        }
        return value;
    }

    private static Map<String, String> values(byte[] json) throws IOException {
        Map<String, String> values = new HashMap<>();
        try (JsonParser in = Json.factory().createParser(json)) {
            while (in.nextToken() != null) {
                if (in.currentToken() == JsonToken.VALUE_STRING) {
                    values.put(in.currentName(), in.getText());
                }
            }
        }
        return values;
    }
}
