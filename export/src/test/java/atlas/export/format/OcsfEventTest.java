package atlas.export.format;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.AccessRefused;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditEvent.AlertRaised;
import atlas.core.AuditEvent.ModelChanged;
import atlas.core.AuditEvent.SessionOpened;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OcsfEventTest {
    private static final Actor ALICE =
            new Actor("alice", "default", "api_key", "key_1", "203.0.113.9");
    private final OcsfSchema schema = OcsfSchema.published();

    private static ObjectNode event(ExportEntry entry) {
        return Fact.read(
                new String(
                        ExportFormat.OCSF.line(entry, ExportContent.METADATA).text(),
                        java.nio.charset.StandardCharsets.UTF_8));
    }

    private static ObjectNode event(AuditEvent fact) {
        return event(EveryFact.entry(5, fact));
    }

    @Test
    void everyKindOfFactIsAValidEventWhateverItsTexts() {
        assertThat(schema.version()).isEqualTo("1.8.0");
        for (String text :
                List.of("x", "", "demo@3", "failed", "203.0.113.9", "a|b=c\\d\ne\u0000")) {
            for (ExportEntry entry : EveryFact.entries(text)) {
                JsonNode event = event(entry);
                assertThat(schema.problems(event))
                        .as("%s with `%s`: %s", entry.kind(), text, event)
                        .isEmpty();
                assertThat(event.path("metadata").path("version").asText()).isEqualTo("1.8.0");
            }
        }
    }

    @Test
    void everyKindOfFactHasAClassOfItsOwn() {
        assertThat(EveryFact.entries("x"))
                .allSatisfy(entry ->
                        assertThat(event(entry).path("class_uid").asInt())
                                .as(entry.kind())
                                .isPositive());
    }

    @Test
    void aKindThatNobodyMappedLeavesWholeAsABaseEvent() {
        ExportEntry entry =
                new ExportEntry(
                        "o/j",
                        3_000_000_000L,
                        Instant.EPOCH,
                        "tea.made",
                        "ab",
                        "{\"kind\":\"tea.made\"}");
        ObjectNode event = event(entry);
        assertThat(schema.problems(event)).isEmpty();
        assertThat(event.path("class_uid").asInt()).isZero();
        assertThat(event.at("/unmapped/event/kind").asText()).isEqualTo("tea.made");
    }

    @Test
    void theWholeFactAndItsLeafGoAlong() {
        ExportEntry entry = EveryFact.entries("x").getLast();
        ObjectNode event = event(entry);
        assertThat(event.at("/unmapped/leaf_hash").asText()).isEqualTo(entry.leafHash());
        assertThat(event.at("/unmapped/event"))
                .isEqualTo(Fact.read(ExportContent.METADATA.of(entry.json())));
        assertThat(event.path("time").asLong()).isEqualTo(entry.when().toEpochMilli());
    }

    @Test
    void factsAreWhatASiemExpectsOfThem() {
        ObjectNode refused =
                event(
                        new AccessRefused(
                                "req_1", "203.0.113.9", "GET", "/v1/models", "bad_key", "k"));
        assertThat(classOf(refused)).isEqualTo("3002/1/2");
        assertThat(refused.at("/src_endpoint/ip").asText()).isEqualTo("203.0.113.9");
        assertThat(refused.at("/http_request/url/path").asText()).isEqualTo("/v1/models");

        ObjectNode opened =
                event(new SessionOpened("req_2", ALICE, "oidc", "corp", "sub", Instant.EPOCH));
        assertThat(classOf(opened)).isEqualTo("3002/1/1");
        assertThat(opened.path("auth_protocol").asText()).isEqualTo("OpenID");
        assertThat(opened.at("/session/uid").asText()).isEqualTo("key_1");

        ObjectNode revoked =
                event(new AdminAct("req_3", ALICE, "key.revoke", "key:k", "denied", "", ""));
        assertThat(classOf(revoked)).isEqualTo("6003/4/2");
        assertThat(revoked.at("/actor/user/name").asText()).isEqualTo("alice");

        ObjectNode model =
                event(new ModelChanged(ALICE, "refused", "demo@3", "ab12", "signer", "altered"));
        assertThat(classOf(model)).isEqualTo("6003/3/2");
        assertThat(model.at("/ai_model/version").asText()).isEqualTo("3");

        ObjectNode alert =
                event(new AlertRaised("al_1", "burst", "high", "alice", "too many", List.of(1L)));
        assertThat(classOf(alert)).isEqualTo("2004/1/1");
        assertThat(alert.path("severity_id").asInt()).isEqualTo(4);
    }

    private static String classOf(JsonNode event) {
        return event.path("class_uid")
                + "/"
                + event.path("activity_id")
                + "/"
                + event.path("status_id");
    }

    @Test
    void theSchemaNoticesWhatIsWrong() {
        Stream<Consumer<ObjectNode>> faults =
                Stream.of(
                        event -> event.remove("time"),
                        event -> event.put("severity_id", "1"),
                        event -> event.put("severity_id", 7),
                        event -> event.put("colour", "red"),
                        event -> event.withObject("/metadata").remove("product"),
                        event -> event.put("type_uid", 1),
                        event -> event.put("message", ""),
                        event -> event.putArray("metadata"),
                        event -> event.withObject("/app").removeAll());
        for (Consumer<ObjectNode> fault : faults.toList()) {
            ObjectNode event = event(EveryFact.entries("x").getFirst());
            assertThat(schema.problems(event)).isEmpty();
            fault.accept(event);
            assertThat(schema.problems(event)).as(event.toString()).isNotEmpty();
        }
        ObjectNode refused = event(new AccessRefused("r", "s", "GET", "/", "bad_key", ""));
        refused.putObject("ai_model").put("name", "m").put("ai_provider", "p");
        assertThat(schema.problems(refused)).isNotEmpty();
    }
}
