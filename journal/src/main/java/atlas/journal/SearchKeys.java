package atlas.journal;

import atlas.core.AuditEvent;
import atlas.core.json.AuditJson;
import atlas.core.json.Json;
import atlas.journal.search.IndexKey;
import atlas.journal.search.Terms;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;

/**
 * What an entry can be found by, read from its JSON; an absent one is the empty string.
 *
 * @param principal the actor, or whom an alert or the end of a session is about
 * @param outcome how it ended: an inference's status, {@code denied}, {@code refused}, or what an
 *     administrative act came to
 */
record SearchKeys(String kind, String principal, String model, String outcome, String requestId) {
    /** An entry whose subject was erased. */
    static final SearchKeys ERASED = of(JournalEntry.ERASED, "", "");

    private static final String DENIED = "denied";
    private static final String REFUSED = "refused";

    private static SearchKeys of(String kind, String principal, String requestId) {
        return new SearchKeys(kind, principal, "", "", requestId);
    }

    /** The same, blind, with the entry's time. */
    Terms blind(IndexKey key, Instant when) {
        return new Terms(
                when.toEpochMilli(),
                key.shared("kind", kind),
                key.shared("principal", principal),
                key.shared("model", model),
                key.shared("outcome", outcome),
                key.rare("request", requestId));
    }

    /** The keys of a fact, the same that its JSON has. */
    static SearchKeys of(AuditEvent event) {
        String kind = AuditJson.kind(event);
        return switch (event) {
            case AuditEvent.ProcessStarted _,
                    AuditEvent.ProcessStopped _,
                    AuditEvent.LogChartered _,
                    AuditEvent.AccessRefusals _ ->
                    of(kind, "", "");
            case AuditEvent.AccessRefused e -> new SearchKeys(kind, "", "", REFUSED, e.requestId());
            case AuditEvent.SubjectErased e -> of(kind, "", e.requestId());
            case AuditEvent.SessionOpened e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.SessionEnded e -> of(kind, e.principal(), "");
            case AuditEvent.InferenceIntent e ->
                    of(kind, e.actor(), e.requestId()).about(e.model().ref().name(), "");
            case AuditEvent.InferenceOutcome e ->
                    of(kind, e.actor(), e.requestId()).about(e.model().ref().name(), e.status());
            case AuditEvent.InferenceDenied e ->
                    of(kind, e.actor(), e.requestId()).about(e.model(), DENIED);
            case AuditEvent.TokenIssued e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.TokenRefused e -> of(kind, e.actor(), e.requestId()).about("", REFUSED);
            case AuditEvent.AdminAct e -> of(kind, e.actor(), e.requestId()).about("", e.outcome());
            case AuditEvent.ModelChanged e -> of(kind, e.actor(), "").about(e.model(), "");
            case AuditEvent.VectorsUsed e ->
                    of(kind, e.actor(), e.requestId()).about("", e.outcome());
            case AuditEvent.KeyUsed e -> of(kind, e.actor(), "");
            case AuditEvent.JournalRead e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.JournalExported e -> of(kind, e.actor(), "");
            case AuditEvent.BackupCreated e -> of(kind, e.actor(), e.requestId());
            case AuditEvent.BackupVerified e -> of(kind, e.actor(), "");
            case AuditEvent.BackupRestored e -> of(kind, e.actor(), "");
            case AuditEvent.AlertRaised e -> of(kind, e.principal(), "");
        };
    }

    private static SearchKeys of(String kind, AuditEvent.Actor actor, String requestId) {
        return of(kind, actor.principal(), requestId);
    }

    private SearchKeys about(String modelName, String end) {
        return new SearchKeys(kind, principal, modelName, end, requestId);
    }

    /** Reads the keys; the values not needed are passed over without being kept. */
    static SearchKeys of(byte[] json) {
        String kind = "";
        String principal = "";
        String model = "";
        String outcome = "";
        String requestId = "";
        try (JsonParser in = Json.factory().createParser(json)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                JsonToken value = in.nextToken();
                switch (name) {
                    case "kind" -> kind = in.getText();
                    case "request_id" -> requestId = in.getText();
                    case "model", "gen_ai.request.model" -> model = in.getText();
                    case "outcome", "status" -> outcome = in.getText();
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
        return new SearchKeys(kind, principal, model, outcome(kind, outcome), requestId);
    }

    /** Refusals have no field that says so: their kind does. */
    private static String outcome(String kind, String written) {
        return switch (kind) {
            case "inference.denied" -> DENIED;
            case "token.refused", "access.refused" -> REFUSED;
            default -> written;
        };
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
}
