package atlas.core.json;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Optional;

/**
 * What a receipt says of an entry: enough to hold a server to it, nothing that tells who asked or
 * what was said. The journal commits to these very bytes, so they are kept with the fact and never
 * made anew.
 */
public final class ReceiptStatement {
    private static final int VERSION = 1;

    private ReceiptStatement() {}

    /**
     * The statement of a fact as a JSON object; empty for facts that give no receipt.
     *
     * @param principal what the caller is called where its name must not stand
     */
    public static Optional<byte[]> of(AuditEvent event, String principal) {
        return switch (event) {
            case InferenceIntent intent ->
                    Optional.of(Json.bytes(out -> intent(intent, principal, out)));
            case InferenceOutcome outcome ->
                    Optional.of(Json.bytes(out -> outcome(outcome, principal, out)));
            case AuditEvent.ProcessStarted _,
                    AuditEvent.ProcessStopped _,
                    AuditEvent.AccessRefused _,
                    AuditEvent.AccessRefusals _,
                    AuditEvent.SessionOpened _,
                    AuditEvent.SessionEnded _,
                    AuditEvent.InferenceDenied _,
                    AuditEvent.TokenIssued _,
                    AuditEvent.TokenRefused _,
                    AuditEvent.AdminAct _,
                    AuditEvent.ModelChanged _,
                    AuditEvent.VectorsUsed _,
                    AuditEvent.KeyUsed _,
                    AuditEvent.JournalRead _,
                    AuditEvent.SubjectErased _,
                    AuditEvent.JournalExported _,
                    AuditEvent.LogChartered _,
                    AuditEvent.BackupCreated _,
                    AuditEvent.BackupVerified _,
                    AuditEvent.BackupRestored _,
                    AuditEvent.AlertRaised _ ->
                    Optional.empty();
        };
    }

    private static void intent(InferenceIntent e, String principal, JsonGenerator out)
            throws IOException {
        begin(e, e.requestId(), principal, out);
        out.writeStringField("gen_ai.operation.name", e.operation());
        AuditJson.model(e.model(), out);
        out.writeStringField("policy", e.policy());
        guard("prompt_guard", e.promptGuard(), out);
        content("request", e.prompt(), out);
        out.writeEndObject();
    }

    private static void outcome(InferenceOutcome e, String principal, JsonGenerator out)
            throws IOException {
        begin(e, e.requestId(), principal, out);
        out.writeNumberField("intent", e.intentIndex());
        AuditJson.model(e.model(), out);
        out.writeStringField("node", e.node());
        out.writeStringField("status", e.status());
        AuditJson.strings("gen_ai.response.finish_reasons", e.finishReasons(), out);
        out.writeNumberField("gen_ai.usage.input_tokens", e.inputTokens());
        out.writeNumberField("gen_ai.usage.output_tokens", e.outputTokens());
        guard("output_guard", e.outputGuard(), out);
        content("response", e.answer(), out);
        out.writeEndObject();
    }

    private static void begin(
            AuditEvent event, String requestId, String principal, JsonGenerator out)
            throws IOException {
        out.writeStartObject();
        out.writeNumberField("v", VERSION);
        out.writeStringField("kind", AuditJson.kind(event));
        out.writeStringField("request_id", requestId);
        out.writeStringField("principal", principal);
    }

    /** Coverage and versions; what was found is for those who may read the journal. */
    private static void guard(String name, GuardReport report, JsonGenerator out)
            throws IOException {
        out.writeObjectFieldStart(name);
        out.writeStringField("coverage", report.coverage());
        out.writeNumberField("scanned_bytes", report.scannedBytes());
        out.writeNumberField("total_bytes", report.totalBytes());
        AuditJson.strings("detectors", report.detectors(), out);
        out.writeEndObject();
    }

    private static void content(String name, Content content, JsonGenerator out)
            throws IOException {
        out.writeNumberField(name + "_bytes", content.bytes());
        if (content.hashed()) {
            out.writeStringField(name + "_sha256", content.sha256().hex());
        }
    }
}
