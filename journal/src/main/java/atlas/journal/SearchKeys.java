package atlas.journal;

import atlas.core.AuditEvent;
import atlas.core.json.AuditJson;
import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * What an entry can be found by, read from its JSON; an absent one is the empty string.
 *
 * @param principal the actor, or whom an alert or the end of a session is about
 */
record SearchKeys(String kind, String principal, String requestId) {

    /** The keys of a fact, the same that its JSON has. */
    static SearchKeys of(AuditEvent event) {
        String kind = AuditJson.kind(event);
        return switch (event) {
            case AuditEvent.ProcessStarted _,
                    AuditEvent.ProcessStopped _,
                    AuditEvent.AccessRefusals _ ->
                    new SearchKeys(kind, "", "");
            case AuditEvent.AccessRefused e -> new SearchKeys(kind, "", e.requestId());
            case AuditEvent.SessionOpened e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.SessionEnded e -> new SearchKeys(kind, e.principal(), "");
            case AuditEvent.InferenceIntent e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.InferenceOutcome e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.InferenceDenied e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.TokenIssued e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.TokenRefused e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.AdminAct e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.ModelChanged e -> of(kind, e.actor(), "");
            case AuditEvent.KeyUsed e -> of(kind, e.actor(), "");
            case AuditEvent.JournalRead e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.JournalExported e -> of(kind, e.actor(), "");
            case AuditEvent.AlertRaised e -> new SearchKeys(kind, e.principal(), "");
        };
    }

    private static SearchKeys of(String kind, AuditEvent.Actor actor, String requestId) {
        return new SearchKeys(kind, actor.principal(), requestId);
    }

    /** Reads the keys; the values not needed are passed over without being kept. */
    static SearchKeys of(byte[] json) {
        String kind = "";
        String principal = "";
        String requestId = "";
        try (JsonParser in = Json.factory().createParser(json)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                JsonToken value = in.nextToken();
                switch (name) {
                    case "kind" -> kind = in.getText();
                    case "request_id" -> requestId = in.getText();
                    case "principal" -> principal = in.getText();
                    case "actor" -> principal = principal(in);
                    default -> {
                        if (value.isStructStart()) {
                            in.skipChildren();
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new JournalException("an entry holds no JSON object", e);
        }
        return new SearchKeys(kind, principal, requestId);
    }

    private static String principal(JsonParser in) throws IOException {
        String principal = "";
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            in.nextToken();
            if (name.equals("principal")) {
                principal = in.getText();
            }
            in.skipChildren();
        }
        return principal;
    }

    /** A 64-bit hash for the in-memory columns; a hit is checked against the entry itself. */
    static long hash(String key) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < key.length(); i++) {
            hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
        }
        return hash ^ (hash >>> 29);
    }
}
