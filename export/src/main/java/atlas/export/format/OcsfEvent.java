package atlas.export.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Set;

/**
 * Facts as events of the Open Cybersecurity Schema Framework 1.8.0. What a class has no attribute
 * for stands in {@code unmapped}, as the journal has it; a kind of fact that is not mapped here
 * leaves as a base event, whole.
 */
final class OcsfEvent {
    private static final String VERSION = "1.8.0";
    private static final int OTHER = 99;
    private static final int SUCCESS = 1;
    private static final int FAILURE = 2;

    /** What OCSF's {@code http_request.http_method} can be and we answer to or refuse. */
    private static final Set<String> METHODS =
            Set.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE");

    private final ExportEntry entry;
    private final ObjectNode fact;
    private final ObjectNode event = Fact.JSON.createObjectNode();

    private OcsfEvent(ExportEntry entry, ObjectNode fact) {
        this.entry = entry;
        this.fact = fact;
    }

    static byte[] of(ExportEntry entry, String json) {
        return Fact.bytes(new OcsfEvent(entry, Fact.read(json)).event());
    }

    private ObjectNode event() {
        metadata();
        event.put("time", entry.when().toEpochMilli());
        event.put("severity_id", Severity.of(fact).ocsf());
        event.put("message", Fact.words(fact));
        switch (text("kind")) {
            case "inference.intent", "inference.outcome", "inference.denied" -> inference();
            case "access.refused" -> refused();
            case "access.refusals" -> refusals();
            case "session.opened" -> opened();
            case "session.ended" -> ended();
            case "token.issued", "token.refused" -> token();
            case "admin.act" -> act(text("action"), text("resource"), outcome());
            case "model.changed" -> changed();
            case "key.used" -> act("key." + text("act"), "key:" + text("key"), SUCCESS);
            case "vectors.used" ->
                    act("vectors." + text("act"), "vectors:" + text("store"), outcome());
            case "subject.erased" -> act("subject.erase", "subject:" + text("subject"), SUCCESS);
            case "backup.created", "backup.restored" ->
                    act(text("kind"), "backup:" + text("backup"), SUCCESS);
            case "backup.verified" ->
                    act(
                            text("kind"),
                            "backup:" + text("backup"),
                            text("verdict").equals("holds") ? SUCCESS : FAILURE);
            case "log.chartered" -> act("log.charter", "journal", SUCCESS);
            case "journal.read" -> read("journal.read");
            case "journal.exported" -> read("journal.export");
            case "alert.raised" -> finding();
            case "process.started" -> process(3);
            case "process.stopped" -> process(4);
            default -> shape(0, 0, 0);
        }
        unmapped();
        return event;
    }

    private void metadata() {
        ObjectNode metadata = event.putObject("metadata");
        metadata.put("version", VERSION);
        metadata.put("uid", entry.origin() + "#" + entry.index());
        metadata.put("event_code", text("kind"));
        metadata.put("log_name", entry.origin());
        put(metadata, "correlation_uid", text("request_id"));
        put(metadata, "tenant_uid", fact.path("actor").path("tenant").asText(""));
        if (entry.index() <= Integer.MAX_VALUE) {
            metadata.put("sequence", (int) entry.index());
        }
        product(metadata.putObject("product"), Product.NAME);
    }

    private static void product(ObjectNode product, String name) {
        product.put("name", name);
        product.put("vendor_name", Product.NAME);
        product.put("version", Product.VERSION);
    }

    /** {@code category} and {@code type} follow from the class, as the schema has it. */
    private void shape(int classUid, int activity, int status) {
        event.put("category_uid", classUid / 1000);
        event.put("class_uid", classUid);
        event.put("activity_id", activity);
        event.put("type_uid", classUid * 100L + activity);
        event.put("status_id", status);
    }

    private void other(int classUid, String activity, int status) {
        shape(classUid, OTHER, status);
        event.put("activity_name", activity);
    }

    private void inference() {
        boolean denied = text("kind").equals("inference.denied");
        boolean failed = denied || Set.of("failed", "revoked").contains(text("status"));
        other(6003, "Inference", failed ? FAILURE : SUCCESS);
        put(event, "status_code", denied ? text("code") : text("status"));
        put(event, "status_detail", Fact.first(fact, "reason", "error.type"));
        api("inference." + Fact.first(fact, "gen_ai.operation.name", "kind"));
        profile("ai_operation");
        model(text("gen_ai.request.model"), text("model_version"), text("model_digest"));
        ObjectNode context = event.putObject("message_context");
        context.putObject("service").put("name", "Atlas gateway");
        put(context, "uid", text("request_id"));
        context.put("ai_role_id", text("kind").equals("inference.outcome") ? 2 : 1);
        long input = fact.path("gen_ai.usage.input_tokens").asLong();
        long output = fact.path("gen_ai.usage.output_tokens").asLong();
        if (text("kind").equals("inference.outcome")) {
            context.put("prompt_tokens", (int) Math.min(Integer.MAX_VALUE, input));
            context.put("completion_tokens", (int) Math.min(Integer.MAX_VALUE, output));
            context.put("total_tokens", (int) Math.min(Integer.MAX_VALUE, input + output));
        }
    }

    private void profile(String name) {
        event.withObject("/metadata").putArray("profiles").add(name);
    }

    private void model(String name, String version, String digest) {
        ObjectNode model = event.putObject("ai_model");
        model.put("ai_provider", Product.NAME);
        model.put("name", known(name));
        put(model, "version", version);
        put(model, "uid", digest);
    }

    private void refused() {
        shape(3002, 1, FAILURE);
        event.putObject("user").put("name", "unknown");
        service();
        put(event, "status_detail", text("reason"));
        endpoint(event.putObject("src_endpoint"));
        ObjectNode http = event.putObject("http_request");
        put(http, "uid", text("request_id"));
        if (METHODS.contains(text("http.request.method"))) {
            http.put("http_method", text("http.request.method"));
        }
        if (!text("url.path").isEmpty()) {
            http.putObject("url").put("path", text("url.path"));
        }
    }

    private void refusals() {
        shape(3002, 1, FAILURE);
        event.putObject("user").put("name", "unknown");
        service();
        long total = 0;
        for (JsonNode count : fact.path("count_by_reason")) {
            total += count.asLong();
        }
        event.put("count", (int) Math.min(Integer.MAX_VALUE, total));
        time("start_time", text("from"));
        time("end_time", text("until"));
    }

    private void opened() {
        shape(3002, 1, SUCCESS);
        user(event.putObject("user"));
        service();
        switch (text("method")) {
            case "oidc" -> protocol(4, "OpenID");
            case "saml" -> protocol(5, "SAML");
            default -> protocol(OTHER, Fact.first(fact, "method", "kind"));
        }
        endpoint(event.putObject("src_endpoint"));
        ObjectNode session = event.putObject("session");
        put(session, "uid", fact.path("actor").path("credential_id").asText(""));
        put(session, "issuer", text("provider"));
        event.put("is_remote", true);
    }

    private void protocol(int id, String caption) {
        event.put("auth_protocol_id", id);
        event.put("auth_protocol", caption);
    }

    private void ended() {
        shape(3002, 2, SUCCESS);
        event.putObject("user").put("name", known(text("principal")));
        service();
        put(event, "status_detail", text("reason"));
        put(event.putObject("session"), "uid", text("session"));
    }

    private void token() {
        boolean issued = text("kind").equals("token.issued");
        other(3002, issued ? "Token Issued" : "Token Refused", issued ? SUCCESS : FAILURE);
        user(event.putObject("user"));
        service();
        put(event, "status_code", text("code"));
        put(event, "status_detail", text("reason"));
        endpoint(event.putObject("src_endpoint"));
        if (issued) {
            put(event.putObject("session"), "uid", text("token_id"));
        }
    }

    private int outcome() {
        return Set.of("denied", "failed").contains(text("outcome")) ? FAILURE : SUCCESS;
    }

    private void act(String operation, String resource, int status) {
        String verb = operation.substring(operation.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        shape(6003, activity(verb), status);
        put(event, "status_detail", text("outcome"));
        api(operation);
        if (!resource.isEmpty()) {
            event.putArray("resources").addObject().put("name", resource);
        }
    }

    /** Create, read, update or delete, by what the act is called. */
    private static int activity(String verb) {
        return switch (verb) {
            case "create",
                    "issue",
                    "push",
                    "pushed",
                    "made",
                    "generated",
                    "created",
                    "grant",
                    "approve",
                    "approved" ->
                    1;
            case "read", "list", "show", "verify", "released", "used", "loaded" -> 2;
            case "delete",
                    "erase",
                    "remove",
                    "removed",
                    "revoke",
                    "retire",
                    "retired",
                    "destroyed" ->
                    4;
            default -> 3;
        };
    }

    private void changed() {
        String model = text("model");
        act(
                "model." + text("change"),
                "model:" + model,
                text("change").equals("refused") ? FAILURE : SUCCESS);
        put(event, "status_detail", text("detail"));
        profile("ai_operation");
        int at = model.lastIndexOf('@');
        model(
                at < 0 ? model : model.substring(0, at),
                at < 0 ? "" : model.substring(at + 1),
                text("root_digest"));
    }

    private void read(String operation) {
        shape(6003, 2, SUCCESS);
        api(operation);
        event.putArray("resources").addObject().put("name", entry.origin());
    }

    private void finding() {
        shape(2004, 1, 1);
        ObjectNode finding = event.putObject("finding_info");
        finding.put("uid", known(text("alert_id")));
        put(finding, "title", text("rule"));
        put(finding, "desc", text("explanation"));
        event.put("is_alert", true);
    }

    private void process(int activity) {
        shape(6002, activity, SUCCESS);
        put(event, "status_detail", text("reason"));
        product(event.putObject("app"), "Atlas " + text("component"));
    }

    private void api(String operation) {
        user(event.putObject("actor").putObject("user"));
        ObjectNode api = event.putObject("api");
        api.put("operation", known(operation));
        api.putObject("service").put("name", Product.NAME);
        if (!text("request_id").isEmpty()) {
            api.putObject("request").put("uid", text("request_id"));
        }
        endpoint(event.putObject("src_endpoint"));
    }

    private void user(ObjectNode user) {
        String who = Fact.who(fact);
        user.put("name", known(who));
        put(user, "uid", who);
        put(user, "domain", fact.path("actor").path("tenant").asText(""));
    }

    private void endpoint(ObjectNode endpoint) {
        String source = Fact.source(fact);
        if (Addresses.literal(source)) {
            endpoint.put("ip", source);
        } else {
            endpoint.put("name", known(source));
        }
    }

    private void service() {
        event.putObject("service").put("name", Product.NAME);
    }

    private void unmapped() {
        ObjectNode rest = event.putObject("unmapped");
        rest.put("leaf_hash", entry.leafHash());
        rest.set("event", fact);
    }

    private void time(String name, String iso) {
        event.put(name, java.time.Instant.parse(iso).toEpochMilli());
    }

    private String text(String field) {
        return fact.path(field).asText("");
    }

    /** What the schema requires is there, though the fact has nothing to say. */
    private static String known(String value) {
        return value.isEmpty() ? "unknown" : value;
    }

    private static void put(ObjectNode node, String name, String value) {
        if (!value.isEmpty()) {
            node.put(name, value);
        }
    }
}
