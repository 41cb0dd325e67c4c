package atlas.control.live;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.json.AuditJson;
import atlas.core.json.Json;
import atlas.export.format.ExportContent;
import atlas.journal.Appended;
import atlas.journal.JournalEntry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/** One journal entry as watchers see it: without the text of prompts and answers. */
public record Activity(long index, Instant when, String kind, String json) {

    static Activity of(Appended appended) {
        AuditEvent event = withoutText(appended.event());
        String body = new String(AuditJson.bytes(event), StandardCharsets.UTF_8);
        return of(appended.index(), appended.when(), AuditJson.kind(event), body);
    }

    /** An entry as the log has it, in the same words. */
    public static Activity of(JournalEntry entry) {
        return of(
                entry.index(), entry.when(), entry.kind(), ExportContent.METADATA.of(entry.json()));
    }

    private static Activity of(long index, Instant when, String kind, String body) {
        byte[] json =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeNumberField("index", index);
                    out.writeStringField("when", when.toString());
                    out.writeFieldName("event");
                    out.writeRawValue(body);
                    out.writeEndObject();
                });
        return new Activity(index, when, kind, new String(json, StandardCharsets.UTF_8));
    }

    static AuditEvent withoutText(AuditEvent event) {
        return switch (event) {
            case InferenceIntent e ->
                    new InferenceIntent(
                            e.requestId(),
                            e.actor(),
                            e.operation(),
                            e.model(),
                            e.policy(),
                            e.parameters(),
                            e.promptGuard(),
                            withoutText(e.prompt()));
            case InferenceOutcome e ->
                    new InferenceOutcome(
                            e.requestId(),
                            e.actor(),
                            e.intentIndex(),
                            e.model(),
                            e.node(),
                            e.status(),
                            e.finishReasons(),
                            e.toolCalls(),
                            e.inputTokens(),
                            e.outputTokens(),
                            e.timeToFirst(),
                            e.duration(),
                            e.outputGuard(),
                            withoutText(e.answer()),
                            e.error());
            case InferenceDenied e ->
                    new InferenceDenied(
                            e.requestId(),
                            e.actor(),
                            e.operation(),
                            e.model(),
                            e.step(),
                            e.code(),
                            e.reason(),
                            e.policy(),
                            e.promptGuard(),
                            e.prompt().map(Activity::withoutText));
            case AuditEvent.VectorsUsed e -> withoutText(e);
            case AuditEvent.ProcessStarted e -> e;
            case AuditEvent.ProcessStopped e -> e;
            case AuditEvent.AccessRefused e -> e;
            case AuditEvent.AccessRefusals e -> e;
            case AuditEvent.SessionOpened e -> e;
            case AuditEvent.SessionEnded e -> e;
            case AuditEvent.TokenIssued e -> e;
            case AuditEvent.TokenRefused e -> e;
            case AuditEvent.AdminAct e -> e;
            case AuditEvent.ModelChanged e -> e;
            case AuditEvent.KeyUsed e -> e;
            case AuditEvent.JournalRead e -> e;
            case AuditEvent.JournalExported e -> e;
            case AuditEvent.SubjectErased e -> e;
            case AuditEvent.LogChartered e -> e;
            case AuditEvent.BackupCreated e -> e;
            case AuditEvent.BackupVerified e -> e;
            case AuditEvent.BackupRestored e -> e;
            case AuditEvent.AlertRaised e -> e;
        };
    }

    private static AuditEvent withoutText(AuditEvent.VectorsUsed e) {
        return new AuditEvent.VectorsUsed(
                e.requestId(),
                e.actor(),
                e.act(),
                e.store(),
                e.owner(),
                e.items(),
                e.outcome(),
                e.policy(),
                e.guard(),
                e.content().map(Activity::withoutText));
    }

    private static Content withoutText(Content content) {
        return new Content(content.mode(), content.bytes(), content.sha256(), Optional.empty());
    }
}
