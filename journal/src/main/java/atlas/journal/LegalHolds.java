package atlas.journal;

import atlas.core.json.Json;
import atlas.journal.JournalSubjects.Hold;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The subjects whose entries must be kept, each in a sealed record of its own. */
final class LegalHolds {
    private static final String FOLDER = "holds";

    private final SubjectKeys keys;

    LegalHolds(SubjectKeys keys) {
        this.keys = keys;
    }

    private String name(Subject subject) {
        return FOLDER + "/" + keys.tag(subject).hex();
    }

    void put(Hold hold) throws IOException {
        byte[] json =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("tenant", hold.tenant());
                    out.writeStringField("principal", hold.principal());
                    out.writeStringField("reason", hold.reason());
                    out.writeStringField("since", hold.since().toString());
                    out.writeEndObject();
                });
        keys.keep(name(new Subject(hold.tenant(), hold.principal())), json);
    }

    boolean lift(Subject subject) throws IOException {
        if (of(subject).isEmpty()) {
            return false;
        }
        keys.keep(name(subject), null);
        return true;
    }

    Optional<Hold> of(Subject subject) throws IOException {
        return Optional.ofNullable(keys.kept(FOLDER).get(name(subject))).map(LegalHolds::read);
    }

    List<Hold> all() throws IOException {
        List<Hold> holds = new ArrayList<>();
        keys.kept(FOLDER).values().forEach(json -> holds.add(read(json)));
        return holds;
    }

    private static Hold read(byte[] json) {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser in = Json.factory().createParser(json)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                fields.put(in.currentName(), String.valueOf(in.nextTextValue()));
            }
        } catch (IOException e) {
            throw new JournalException("a legal hold cannot be read", e);
        }
        return new Hold(
                fields.getOrDefault("tenant", ""),
                fields.getOrDefault("principal", ""),
                fields.getOrDefault("reason", ""),
                Instant.parse(fields.getOrDefault("since", Instant.EPOCH.toString())));
    }
}
