package atlas.control;

import atlas.control.trust.HomeDirectory;
import atlas.control.trust.PieceException;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.BackupRestored;
import atlas.core.AuditLog;
import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Left in a restored home for its first start, which journals it and removes it.
 *
 * @param backup what the backup is called
 * @param entries of the journal that were in it
 * @param known the size of the log that the restorer knew of
 */
public record TrustRootRestored(String backup, Instant created, long entries, long known) {
    /** The file's name in the home. */
    public static final String FILE = "restored.json";

    /** The file's content. */
    public byte[] bytes() {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("backup", backup);
            out.writeStringField("created", created.toString());
            out.writeStringField("entries", Long.toString(entries));
            out.writeStringField("known", Long.toString(known));
            out.writeEndObject();
        });
    }

    /** Journals that this home was restored, once: the mark goes after the journal has it. */
    static void record(HomeDirectory home, AuditLog journal) {
        Optional<byte[]> mark = home.read(FILE);
        if (mark.isEmpty()) {
            return;
        }
        TrustRootRestored restored = parse(home, mark.get());
        journal.append(
                new BackupRestored(
                        Actor.system("restore"),
                        restored.backup,
                        restored.created,
                        restored.entries,
                        restored.known));
        home.delete(FILE);
    }

    private static TrustRootRestored parse(HomeDirectory home, byte[] json) {
        Map<String, String> values = new HashMap<>();
        try (JsonParser in = Json.factory().createParser(json)) {
            while (in.nextToken() != null) {
                if (in.currentToken() == JsonToken.VALUE_STRING) {
                    values.put(in.currentName(), in.getText());
                }
            }
            return new TrustRootRestored(
                    values.getOrDefault("backup", ""),
                    Instant.parse(values.getOrDefault("created", "")),
                    Long.parseLong(values.getOrDefault("entries", "")),
                    Long.parseLong(values.getOrDefault("known", "")));
        } catch (IOException | DateTimeException | NumberFormatException e) {
            throw new PieceException(
                    "`"
                            + home.path(FILE)
                            + "` is not what a restore writes; restore the home again",
                    e);
        }
    }
}
