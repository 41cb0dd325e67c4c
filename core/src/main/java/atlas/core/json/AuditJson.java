package atlas.core.json;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.AccessRefusals;
import atlas.core.AuditEvent.AccessRefused;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditEvent.AlertRaised;
import atlas.core.AuditEvent.BackupCreated;
import atlas.core.AuditEvent.BackupRestored;
import atlas.core.AuditEvent.BackupVerified;
import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.Finding;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.AuditEvent.InferenceParameters;
import atlas.core.AuditEvent.JournalExported;
import atlas.core.AuditEvent.JournalRead;
import atlas.core.AuditEvent.KeyUsed;
import atlas.core.AuditEvent.LogChartered;
import atlas.core.AuditEvent.ModelChanged;
import atlas.core.AuditEvent.ModelIdentity;
import atlas.core.AuditEvent.ProcessStarted;
import atlas.core.AuditEvent.ProcessStopped;
import atlas.core.AuditEvent.SessionEnded;
import atlas.core.AuditEvent.SessionOpened;
import atlas.core.AuditEvent.SubjectErased;
import atlas.core.AuditEvent.TokenIssued;
import atlas.core.AuditEvent.TokenRefused;
import atlas.core.AuditEvent.ToolCall;
import atlas.core.AuditEvent.VectorsUsed;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The JSON form of a fact, as it is sealed into the journal and shown to auditors. Names follow the
 * OpenTelemetry GenAI conventions (development status, 2026) where they have one.
 */
public final class AuditJson {
    /** Every kind there is. */
    public static final Set<String> KINDS =
            Set.of(
                    "process.started",
                    "process.stopped",
                    "access.refused",
                    "access.refusals",
                    "session.opened",
                    "session.ended",
                    "inference.intent",
                    "inference.outcome",
                    "inference.denied",
                    "token.issued",
                    "token.refused",
                    "admin.act",
                    "model.changed",
                    "vectors.used",
                    "key.used",
                    "journal.read",
                    "journal.exported",
                    "backup.created",
                    "backup.verified",
                    "backup.restored",
                    "alert.raised",
                    "subject.erased",
                    "log.chartered");

    private AuditJson() {}

    /** The kind of a fact as written in {@code kind}: stable, lower case, dotted. */
    public static String kind(AuditEvent event) {
        return switch (event) {
            case ProcessStarted _ -> "process.started";
            case ProcessStopped _ -> "process.stopped";
            case AccessRefused _ -> "access.refused";
            case AccessRefusals _ -> "access.refusals";
            case SessionOpened _ -> "session.opened";
            case SessionEnded _ -> "session.ended";
            case InferenceIntent _ -> "inference.intent";
            case InferenceOutcome _ -> "inference.outcome";
            case InferenceDenied _ -> "inference.denied";
            case TokenIssued _ -> "token.issued";
            case TokenRefused _ -> "token.refused";
            case AdminAct _ -> "admin.act";
            case ModelChanged _ -> "model.changed";
            case VectorsUsed _ -> "vectors.used";
            case KeyUsed _ -> "key.used";
            case JournalRead _ -> "journal.read";
            case JournalExported _ -> "journal.exported";
            case BackupCreated _ -> "backup.created";
            case BackupVerified _ -> "backup.verified";
            case BackupRestored _ -> "backup.restored";
            case AlertRaised _ -> "alert.raised";
            case SubjectErased _ -> "subject.erased";
            case LogChartered _ -> "log.chartered";
        };
    }

    /** The UTF-8 JSON object of a fact. */
    public static byte[] bytes(AuditEvent event) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("kind", kind(event));
            fields(event, out);
            out.writeEndObject();
        });
    }

    private static void fields(AuditEvent event, JsonGenerator out) throws IOException {
        switch (event) {
            case ProcessStarted e -> started(e, out);
            case ProcessStopped e -> stopped(e, out);
            case AccessRefused e -> refused(e, out);
            case AccessRefusals e -> refusals(e, out);
            case SessionOpened e -> sessionOpened(e, out);
            case SessionEnded e -> sessionEnded(e, out);
            case InferenceIntent e -> intent(e, out);
            case InferenceOutcome e -> outcome(e, out);
            case InferenceDenied e -> denied(e, out);
            case TokenIssued e -> tokenIssued(e, out);
            case TokenRefused e -> tokenRefused(e, out);
            case AdminAct e -> adminAct(e, out);
            case ModelChanged e -> modelChanged(e, out);
            case VectorsUsed e -> vectorsUsed(e, out);
            case KeyUsed e -> keyUsed(e, out);
            case JournalRead e -> journalRead(e, out);
            case JournalExported e -> journalExported(e, out);
            case BackupCreated e -> backupCreated(e, out);
            case BackupVerified e -> backupVerified(e, out);
            case BackupRestored e -> backupRestored(e, out);
            case AlertRaised e -> alert(e, out);
            case SubjectErased e -> erased(e, out);
            case LogChartered e -> chartered(e, out);
        }
    }

    private static void started(ProcessStarted e, JsonGenerator out) throws IOException {
        out.writeStringField("component", e.component());
        out.writeStringField("version", e.version());
        out.writeStringField("config_digest", e.configDigest());
    }

    private static void stopped(ProcessStopped e, JsonGenerator out) throws IOException {
        out.writeStringField("component", e.component());
        out.writeStringField("reason", e.reason());
    }

    private static void refused(AccessRefused e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        out.writeStringField("source", e.source());
        out.writeStringField("http.request.method", e.method());
        out.writeStringField("url.path", e.path());
        out.writeStringField("reason", e.reason());
        out.writeStringField("credential_hint", e.credentialHint());
    }

    private static void refusals(AccessRefusals e, JsonGenerator out) throws IOException {
        out.writeStringField("from", e.from().toString());
        out.writeStringField("until", e.until().toString());
        out.writeObjectFieldStart("count_by_reason");
        for (Map.Entry<String, Long> entry : new TreeMap<>(e.countByReason()).entrySet()) {
            out.writeNumberField(entry.getKey(), entry.getValue());
        }
        out.writeEndObject();
        out.writeNumberField("sources", e.sources());
    }

    private static void sessionOpened(SessionOpened e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        actor(e.actor(), out);
        out.writeStringField("method", e.method());
        out.writeStringField("provider", e.provider());
        out.writeStringField("vouched", e.vouched());
        out.writeStringField("ends", e.ends().toString());
    }

    private static void sessionEnded(SessionEnded e, JsonGenerator out) throws IOException {
        actor(e.actor(), out);
        out.writeStringField("session", e.session());
        out.writeStringField("principal", e.principal());
        out.writeStringField("reason", e.reason());
    }

    private static void tokenIssued(TokenIssued e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        actor(e.actor(), out);
        out.writeStringField("grant", e.grant());
        out.writeStringField("token_id", e.tokenId());
        strings("audiences", e.audiences(), out);
        strings("roles", e.roles(), out);
        strings("models", e.models(), out);
        out.writeStringField("bound_to", e.boundTo());
        out.writeStringField("expires", e.expires().toString());
    }

    private static void tokenRefused(TokenRefused e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        actor(e.actor(), out);
        out.writeStringField("grant", e.grant());
        out.writeStringField("code", e.code());
        out.writeStringField("reason", e.reason());
    }

    private static void adminAct(AdminAct e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        actor(e.actor(), out);
        out.writeStringField("action", e.action());
        out.writeStringField("resource", e.resource());
        out.writeStringField("outcome", e.outcome());
        out.writeStringField("before", e.before());
        out.writeStringField("after", e.after());
        out.writeStringField("policy", e.policy());
    }

    private static void modelChanged(ModelChanged e, JsonGenerator out) throws IOException {
        actor(e.actor(), out);
        out.writeStringField("change", e.change());
        out.writeStringField("model", e.model());
        out.writeStringField("root_digest", e.rootDigest());
        out.writeStringField("signer", e.signer());
        out.writeStringField("detail", e.detail());
    }

    private static void vectorsUsed(VectorsUsed e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        actor(e.actor(), out);
        out.writeStringField("act", e.act());
        out.writeStringField("store", e.store());
        out.writeStringField("owner", e.owner());
        strings("items", e.items(), out);
        out.writeStringField("outcome", e.outcome());
        out.writeStringField("policy", e.policy());
        guard("prompt_guard", e.guard(), out);
        if (e.content().isPresent()) {
            content("prompt", e.content().get(), out);
        }
    }

    private static void keyUsed(KeyUsed e, JsonGenerator out) throws IOException {
        actor(e.actor(), out);
        out.writeStringField("act", e.act());
        out.writeStringField("key", e.key());
        out.writeNumberField("version", e.version());
        out.writeStringField("purpose", e.purpose());
        out.writeStringField("detail", e.detail());
    }

    private static void journalRead(JournalRead e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        actor(e.actor(), out);
        out.writeStringField("query", e.query());
        out.writeNumberField("entries", e.entries());
    }

    private static void journalExported(JournalExported e, JsonGenerator out) throws IOException {
        actor(e.actor(), out);
        out.writeStringField("act", e.act());
        out.writeStringField("exporter", e.exporter());
        out.writeStringField("destination", e.destination());
        out.writeStringField("format", e.format());
        out.writeStringField("content", e.content());
        out.writeNumberField("from", e.from());
        out.writeNumberField("until", e.until());
    }

    private static void backupCreated(BackupCreated e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        actor(e.actor(), out);
        out.writeStringField("backup", e.backup());
        out.writeStringField("destination", e.destination());
        out.writeNumberField("bytes", e.bytes());
        out.writeNumberField("entries", e.entries());
        strings("recipients", e.recipients(), out);
        out.writeNumberField("threshold", e.threshold());
        strings("contents", e.contents(), out);
    }

    private static void backupVerified(BackupVerified e, JsonGenerator out) throws IOException {
        actor(e.actor(), out);
        out.writeStringField("backup", e.backup());
        out.writeStringField("verdict", e.verdict());
        out.writeStringField("depth", e.depth());
        out.writeNumberField("entries", e.entries());
        out.writeStringField("detail", e.detail());
    }

    private static void backupRestored(BackupRestored e, JsonGenerator out) throws IOException {
        actor(e.actor(), out);
        out.writeStringField("backup", e.backup());
        out.writeStringField("created", e.created().toString());
        out.writeNumberField("entries", e.entries());
        out.writeNumberField("known", e.known());
    }

    private static void alert(AlertRaised e, JsonGenerator out) throws IOException {
        out.writeStringField("alert_id", e.alertId());
        out.writeStringField("rule", e.rule());
        out.writeStringField("severity", e.severity());
        out.writeStringField("tenant", e.tenant());
        out.writeStringField("principal", e.principal());
        out.writeStringField("explanation", e.explanation());
        out.writeArrayFieldStart("evidence");
        for (long index : e.evidence()) {
            out.writeNumber(index);
        }
        out.writeEndArray();
    }

    private static void erased(SubjectErased e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        out.writeStringField("by", e.by());
        out.writeStringField("subject", e.subject());
        out.writeStringField("reason", e.reason());
        strings("keys", e.keys(), out);
    }

    private static void chartered(LogChartered e, JsonGenerator out) throws IOException {
        out.writeStringField("verifier_key", e.verifierKey());
        out.writeStringField("second_key", e.secondKey());
        out.writeBooleanField("shared", e.shared());
    }

    private static void intent(InferenceIntent e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        actor(e.actor(), out);
        out.writeStringField("gen_ai.operation.name", e.operation());
        model(e.model(), out);
        out.writeStringField("policy", e.policy());
        parameters(e.parameters(), out);
        guard("prompt_guard", e.promptGuard(), out);
        content("prompt", e.prompt(), out);
    }

    private static void outcome(InferenceOutcome e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        actor(e.actor(), out);
        out.writeNumberField("intent", e.intentIndex());
        model(e.model(), out);
        out.writeStringField("node", e.node());
        out.writeStringField("status", e.status());
        strings("gen_ai.response.finish_reasons", e.finishReasons(), out);
        toolCalls(e.toolCalls(), out);
        out.writeNumberField("gen_ai.usage.input_tokens", e.inputTokens());
        out.writeNumberField("gen_ai.usage.output_tokens", e.outputTokens());
        out.writeNumberField("time_to_first_us", e.timeToFirst().toNanos() / 1000);
        out.writeNumberField("duration_us", e.duration().toNanos() / 1000);
        guard("output_guard", e.outputGuard(), out);
        content("answer", e.answer(), out);
        out.writeStringField("error.type", e.error());
    }

    private static void denied(InferenceDenied e, JsonGenerator out) throws IOException {
        out.writeStringField("request_id", e.requestId());
        actor(e.actor(), out);
        out.writeStringField("gen_ai.operation.name", e.operation());
        out.writeStringField("gen_ai.request.model", e.model());
        out.writeStringField("step", e.step());
        out.writeStringField("code", e.code());
        out.writeStringField("reason", e.reason());
        out.writeStringField("policy", e.policy());
        guard("prompt_guard", e.promptGuard(), out);
        if (e.prompt().isPresent()) {
            content("prompt", e.prompt().get(), out);
        }
    }

    private static void actor(Actor actor, JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("actor");
        out.writeStringField("principal", actor.principal());
        out.writeStringField("tenant", actor.tenant());
        out.writeStringField("credential_kind", actor.credentialKind());
        out.writeStringField("credential_id", actor.credentialId());
        out.writeStringField("source", actor.source());
        out.writeEndObject();
    }

    static void model(ModelIdentity model, JsonGenerator out) throws IOException {
        out.writeStringField("gen_ai.request.model", model.ref().name());
        out.writeNumberField("model_version", model.ref().version());
        out.writeStringField("model_digest", model.rootDigest().hex());
        out.writeStringField("model_signer", model.signer());
    }

    private static void parameters(InferenceParameters p, JsonGenerator out) throws IOException {
        out.writeBooleanField("stream", p.stream());
        if (p.maxTokens().isPresent()) {
            out.writeNumberField("gen_ai.request.max_tokens", p.maxTokens().get());
        }
        if (p.temperature().isPresent()) {
            out.writeNumberField("gen_ai.request.temperature", p.temperature().get());
        }
        if (p.seed().isPresent()) {
            out.writeNumberField("gen_ai.request.seed", p.seed().get());
        }
        strings("tools", p.tools(), out);
    }

    private static void guard(String name, GuardReport report, JsonGenerator out)
            throws IOException {
        out.writeObjectFieldStart(name);
        out.writeStringField("coverage", report.coverage());
        out.writeNumberField("scanned_bytes", report.scannedBytes());
        out.writeNumberField("total_bytes", report.totalBytes());
        strings("detectors", report.detectors(), out);
        out.writeNumberField("score", report.score());
        out.writeArrayFieldStart("findings");
        for (Finding finding : report.findings()) {
            out.writeStartObject();
            out.writeStringField("type", finding.type());
            out.writeStringField("rule", finding.rule());
            out.writeStringField("where", finding.where());
            out.writeNumberField("start", finding.start());
            out.writeNumberField("end", finding.end());
            out.writeNumberField("score", finding.score());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeArrayFieldStart("unread");
        for (AuditEvent.Unread unread : report.unread()) {
            out.writeStartObject();
            out.writeStringField("where", unread.where());
            out.writeNumberField("from", unread.from());
            out.writeNumberField("until", unread.until());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void toolCalls(List<ToolCall> calls, JsonGenerator out) throws IOException {
        out.writeArrayFieldStart("tool_calls");
        for (ToolCall call : calls) {
            out.writeStartObject();
            out.writeStringField("gen_ai.tool.name", call.name());
            out.writeNumberField("arguments_bytes", call.argumentBytes());
            if (call.arguments().isPresent()) {
                out.writeStringField("arguments_sha256", call.arguments().get().hex());
            }
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void content(String name, Content content, JsonGenerator out)
            throws IOException {
        out.writeObjectFieldStart(name);
        out.writeStringField("mode", content.mode());
        out.writeNumberField("bytes", content.bytes());
        if (content.hashed()) {
            out.writeStringField("sha256", content.sha256().hex());
        }
        if (content.text().isPresent()) {
            out.writeStringField("text", content.text().get().reveal());
        }
        out.writeEndObject();
    }

    static void strings(String name, List<String> values, JsonGenerator out) throws IOException {
        out.writeArrayFieldStart(name);
        for (String value : values) {
            out.writeString(value);
        }
        out.writeEndArray();
    }
}
