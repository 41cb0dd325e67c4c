package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubjectErasureTest {
    private static final String ERASURES = "/api/v1/journal/erasures";
    private static final String HOLDS = "/api/v1/journal/holds";

    @TempDir private static Path folder;
    private static Installation atlas;

    @BeforeAll
    static void start() throws Exception {
        atlas = new Installation(folder.resolve("home"));
    }

    @AfterAll
    static void stop() {
        atlas.close();
    }

    private static int status(Role role, String path, String body) throws Exception {
        return atlas.send(role, "POST", path, body).statusCode();
    }

    private static String erasure(String subject, String confirm, String reason) {
        return "{\"subject\":\"%s\",\"confirm\":\"%s\",\"reason\":\"%s\"}"
                .formatted(subject, confirm, reason);
    }

    /** What this principal did, as an auditor finds it. */
    private static List<JsonNode> entriesOf(String principal) throws Exception {
        List<JsonNode> entries = new ArrayList<>();
        atlas.json(
                        Role.AUDITOR,
                        "GET",
                        "/api/v1/journal/entries?limit=1000&principal=" + principal,
                        null)
                .get("entries")
                .forEach(entries::add);
        return entries;
    }

    @Test
    void whoMayNotGrantAccessMayNotErase() throws Exception {
        for (Role role : List.of(Role.OPERATOR, Role.AUDITOR, Role.MODEL_ADMIN, Role.CONSUMER)) {
            assertThat(status(role, ERASURES, erasure("x", "x", "law"))).isEqualTo(403);
            assertThat(status(role, HOLDS, "{\"subject\":\"x\",\"reason\":\"case\"}"))
                    .isEqualTo(403);
        }
    }

    @Test
    void anErasureNeedsItsSubjectTwiceAndAReasonThatDoesNotNameIt() throws Exception {
        assertThat(status(Role.SECURITY_ADMIN, ERASURES, erasure("alice", "Alice", "law")))
                .isEqualTo(400);
        assertThat(status(Role.SECURITY_ADMIN, ERASURES, erasure("alice", "alice", "")))
                .isEqualTo(400);
        assertThat(status(Role.SECURITY_ADMIN, ERASURES, erasure("alice", "alice", "alice asked")))
                .isEqualTo(400);
    }

    @Test
    void anErasedSubjectIsGoneFromSearchAndTheRecordDoesNotNameIt() throws Exception {
        String subject =
                atlas.json(Role.OPERATOR, "GET", "/api/v1/whoami", null).get("principal").asText();
        // Something that is recorded of it: a refusal.
        status(Role.OPERATOR, ERASURES, erasure("x", "x", "law"));
        List<JsonNode> before = entriesOf(subject);
        assertThat(before).isNotEmpty();
        long index = before.getFirst().get("index").asLong();

        JsonNode erased =
                atlas.json(Role.SECURITY_ADMIN, "POST", ERASURES, erasure(subject, subject, "law"));

        assertThat(erased.get("keys")).isNotEmpty();
        assertThat(erased.get("subject").asText()).startsWith("p_");
        JsonNode gone = atlas.json(Role.AUDITOR, "GET", "/api/v1/journal/entries/" + index, null);
        assertThat(gone.get("kind").asText()).isEqualTo("erased");
        assertThat(entriesOf(subject)).isEmpty();
        JsonNode record =
                atlas.json(
                        Role.AUDITOR,
                        "GET",
                        "/api/v1/journal/entries/" + erased.get("entry").asLong(),
                        null);
        assertThat(record.get("kind").asText()).isEqualTo("subject.erased");
        assertThat(record.toString()).doesNotContain("\"" + subject + "\"");
        JsonNode act =
                atlas.json(
                                Role.AUDITOR,
                                "GET",
                                "/api/v1/journal/entries?kind=admin.act&request_id="
                                        + record.at("/event/request_id").asText(),
                                null)
                        .get("entries");
        assertThat(act).isNotEmpty();
        assertThat(act.toString())
                .contains("subject:" + erased.get("subject").asText())
                .doesNotContain("\"" + subject + "\"");
    }

    @Test
    void whoWasSearchedForIsNotNamedInWhatIsRecordedOfTheSearch() throws Exception {
        String query =
                "?principal=zeno-of-elea&text=achilles&kind=admin.act&limit=7"
                        + "&purpose=zeno-of-elea+asked";
        atlas.json(Role.AUDITOR, "GET", "/api/v1/journal/entries" + query, null);

        JsonNode read =
                atlas.json(
                                Role.AUDITOR,
                                "GET",
                                "/api/v1/journal/entries?kind=journal.read&limit=1",
                                null)
                        .at("/entries/0/event/query");
        assertThat(read.asText())
                .matches(
                        "kind=admin\\.act&limit=7&principal=(p_[0-9a-f]{32})&text=t_[0-9a-f]{32}"
                                + "&purpose=\\1%20asked");
    }

    @Test
    void aHoldRefusesAnErasureWithItsReasonUntilItIsLifted() throws Exception {
        assertThat(
                        status(
                                Role.SECURITY_ADMIN,
                                HOLDS,
                                "{\"subject\":\"carol\",\"reason\":\"case 4711\"}"))
                .isEqualTo(200);
        HttpResponse<String> refused =
                atlas.send(Role.SECURITY_ADMIN, "POST", ERASURES, erasure("carol", "carol", "law"));
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("case 4711");
        assertThat(
                        atlas.json(Role.SECURITY_ADMIN, "GET", HOLDS, null)
                                .at("/holds/0/subject")
                                .asText())
                .isEqualTo("carol");

        String lift = "{\"subject\":\"carol\"}";
        assertThat(status(Role.SECURITY_ADMIN, HOLDS + "/release", lift)).isEqualTo(200);
        assertThat(status(Role.SECURITY_ADMIN, HOLDS + "/release", lift)).isEqualTo(404);
        assertThat(status(Role.SECURITY_ADMIN, ERASURES, erasure("carol", "carol", "law")))
                .isEqualTo(200);
    }
}
