package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.crypto.Hashes;
import atlas.core.json.AuditJson;
import atlas.journal.JournalEntry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReceiptJourneyTest {
    private static final String SHOWN =
            ",\"statement\":\"{}\",\"salt\":\"Ag==\",\"entry\":\"AQ==\"";

    private final World world = new World();

    private String served() {
        FakeExchange exchange = world.handle(World.chat(""));
        List<AuditEvent> events = world.journal.events();
        for (int i = 0; i < events.size(); i++) {
            String json = new String(AuditJson.bytes(events.get(i)), StandardCharsets.UTF_8);
            world.entries.add(
                    new JournalEntry(
                            i,
                            World.NOW,
                            AuditJson.kind(events.get(i)),
                            Hashes.sha256("leaf " + i),
                            json));
        }
        return exchange.requestId();
    }

    @Test
    void provesIntentAndOutcomeToWhoAsked() {
        String id = served();

        FakeExchange receipt = world.handle(World.read("ada", "/v1/receipts/" + id));

        InferenceIntent intent = world.journal.of(InferenceIntent.class).getFirst();
        InferenceOutcome outcome = world.journal.of(InferenceOutcome.class).getFirst();
        assertThat(receipt.status).isEqualTo(200);
        assertThat(receipt.text())
                .isEqualTo(
                        "{\"object\":\"atlas.receipt\",\"request_id\":\""
                                + id
                                + "\",\"intent\":{\"index\":0,\"recorded\":\"2026-11-23T12:00:00Z"
                                + "\",\"leaf_hash\":\""
                                + Hashes.sha256("leaf 0").hex()
                                + "\",\"request_sha256\":\""
                                + intent.prompt().sha256().hex()
                                + "\",\"proof\":\"c2sp.org/tlog-proof@v1\\nindex 0\\n\""
                                + SHOWN
                                + "},"
                                + "\"outcome\":{\"index\":1,\"recorded\":\"2026-11-23T12:00:00Z"
                                + "\",\"leaf_hash\":\""
                                + Hashes.sha256("leaf 1").hex()
                                + "\",\"response_sha256\":\""
                                + outcome.answer().sha256().hex()
                                + "\",\"proof\":\"c2sp.org/tlog-proof@v1\\nindex 1\\n\""
                                + SHOWN
                                + "},\"signed\":\""
                                + id
                                + " 2\"}");
    }

    @Test
    void showsSomebodyElsesReceiptLikeNone() {
        String id = served();

        FakeExchange other = world.handle(World.read("bob", "/v1/receipts/" + id));
        FakeExchange auditor = world.handle(World.read("eve", "/v1/receipts/" + id));
        FakeExchange none = world.handle(World.read("bob", "/v1/receipts/req_none"));

        assertThat(other.status).isEqualTo(404);
        assertThat(other.text()).isEqualTo(none.text()).isEqualTo(auditor.text());
    }

    @Test
    void asksTheJournalOnlyForWhatCouldBeARequestId() {
        served();

        for (String id : List.of("", "req", "x".repeat(500), "req_" + "x".repeat(100))) {
            FakeExchange exchange = world.handle(World.read("ada", "/v1/receipts/" + id));
            assertThat(exchange.status).as(id).isEqualTo(404);
        }
    }
}
