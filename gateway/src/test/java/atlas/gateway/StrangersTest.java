package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.AccessRefusals;
import atlas.core.AuditEvent.AccessRefused;
import atlas.runtime.http.Headers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StrangersTest {
    private static final List<String> PATHS =
            List.of(
                    "/",
                    "/health",
                    "/livez",
                    "/metrics",
                    "/v1",
                    "/v1/models",
                    "/v1/models/llama",
                    "/v1/models/none",
                    "/v1/chat/completions",
                    "/v1/completions",
                    "/v1/embeddings",
                    "/v1/receipts/req_x",
                    "/v1/receipts/",
                    "/v2/anything",
                    "/.env",
                    "/admin",
                    "/oauth2/token",
                    "/.well-known/jwks.json");
    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "FOO");

    private final World world = new World();

    private static FakeExchange stranger(String method, String path, String body, String... with) {
        return new FakeExchange(method, path, Headers.of(with), body);
    }

    @Test
    void seeTheSameAnswerEverywhere() {
        Set<String> answers = new HashSet<>();
        FrontDoor door = world.door();
        for (String path : PATHS) {
            for (String method : METHODS) {
                for (String body : List.of("", "{not json", World.body("llama", "hi", ""))) {
                    for (String[] headers : credentials()) {
                        FakeExchange exchange = stranger(method, path, body, headers);
                        door.handle(exchange);
                        answers.add(
                                exchange.status + "" + shown(exchange.answered) + exchange.text());
                    }
                }
            }
        }

        assertThat(answers)
                .containsExactly(
                        "401[content-type: application/json, www-authenticate: Bearer"
                                + " realm=\"atlas\", cache-control: no-store]{\"error\":"
                                + "{\"message\":\"no valid credential was presented; send exactly"
                                + " one, such as `Authorization: Bearer …`\",\"type\":"
                                + "\"authentication_error\",\"param\":null,\"code\":"
                                + "\"invalid_credential\"}}");
        assertThat(world.sent).isEmpty();
    }

    @Test
    void areToldTheSameWhateverTheTwoCredentialsAreWorth() {
        Set<String> answers = new HashSet<>();
        for (String[] two :
                List.of(
                        new String[] {"authorization", "Bearer ada", "authorization", "Bearer ada"},
                        new String[] {"authorization", "Bearer ada", "x-api-key", "bob"},
                        new String[] {"authorization", "Bearer ada", "x-api-key", "ada"},
                        new String[] {"authorization", "Bearer nope", "x-api-key", "neither"})) {
            for (String path : PATHS) {
                FakeExchange exchange = world.handle(stranger("POST", path, "", two));
                answers.add(exchange.status + exchange.text());
            }
        }

        assertThat(answers).hasSize(1).first().asString().startsWith("400").contains("not two");
        assertThat(world.journal.of(AccessRefused.class))
                .extracting(AccessRefused::reason)
                .contains("two_credentials");
    }

    private static List<String[]> credentials() {
        return List.of(
                new String[] {},
                new String[] {"authorization", "Bearer nope"},
                new String[] {"authorization", "Basic YWRhOmFkYQ=="},
                new String[] {"authorization", "bearer"},
                new String[] {"x-api-key", ""});
    }

    private static List<String> shown(Headers headers) {
        List<String> shown = new ArrayList<>();
        headers.forEach((name, value) -> shown.add(name + ": " + value));
        return shown;
    }

    @Test
    void areKnownByAnApiKeyHeaderAndByAnySpellingOfBearer() {
        FakeExchange key = stranger("GET", "/v1/models", "", "x-api-key", "ada");
        FakeExchange shouted = stranger("GET", "/v1/models", "", "Authorization", "BEARER  ada ");

        assertThat(world.handle(key).status).isEqualTo(200);
        assertThat(world.handle(shouted).status).isEqualTo(200);
    }

    @Test
    void findNothingAtUnknownPathsOnceTheyAreKnown() {
        FakeExchange exchange = world.handle(World.read("ada", "/health"));

        assertThat(exchange.status).isEqualTo(404);
        assertThat(exchange.text()).contains("\"code\":\"not_found\"");
        assertThat(world.journal.of(AccessRefused.class))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.reason()).isEqualTo("not_found");
                    assertThat(event.credentialHint()).isEqualTo("ada");
                });
    }

    @Test
    void areCountedExactlyHoweverManyCome() {
        FrontDoor door = world.door();
        for (int i = 0; i < 5_000; i++) {
            door.handle(stranger("GET", "/", "").from("203.0.113." + i % 100));
        }
        world.strangers.flush();

        List<AccessRefused> singles = world.journal.of(AccessRefused.class);
        List<AccessRefusals> counts = world.journal.of(AccessRefusals.class);
        assertThat(singles).hasSize(300);
        assertThat(counts).hasSize(1);
        assertThat(counts.getFirst().countByReason()).isEqualTo(Map.of("no_credential", 4_700L));
        assertThat(counts.getFirst().sources()).isEqualTo(100);
    }

    @Test
    void cannotFloodTheJournalFromManyAddresses() {
        FrontDoor door = world.door();
        for (int i = 0; i < 20_000; i++) {
            door.handle(stranger("GET", "/", "").from("10.%d.%d.1".formatted(i / 250, i % 250)));
        }
        world.strangers.flush();

        assertThat(world.journal.events()).hasSize(Strangers.SINGLE_PER_MINUTE + 1);
        long counted =
                world.journal.of(AccessRefusals.class).getFirst().countByReason().values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
        assertThat(counted + Strangers.SINGLE_PER_MINUTE).isEqualTo(20_000);
    }

    @Test
    void areStillCountedWhenTheJournalComesBack() {
        FrontDoor door = world.door();
        world.journal.refuse(_ -> true);
        for (int i = 0; i < 10; i++) {
            FakeExchange exchange = stranger("GET", "/", "");
            door.handle(exchange);
            assertThat(exchange.status).isEqualTo(401);
        }
        world.strangers.flush();
        assertThat(world.journal.events()).isEmpty();

        world.journal.refuse(_ -> false);
        world.strangers.close();

        assertThat(world.journal.of(AccessRefusals.class).getFirst().countByReason())
                .isEqualTo(Map.of("no_credential", 10L));
        assertThat(world.journal.of(AccessRefusals.class).getFirst().from()).isEqualTo(World.NOW);
    }

    @Test
    void getSingleEntriesAgainInTheNextMinute() {
        FrontDoor door = world.door();
        for (int minute = 0; minute < 2; minute++) {
            for (int i = 0; i < 4; i++) {
                door.handle(stranger("GET", "/", ""));
            }
            world.strangers.flush();
        }

        assertThat(world.journal.of(AccessRefused.class)).hasSize(6);
        assertThat(world.journal.of(AccessRefusals.class)).hasSize(2);
    }

    @Test
    void leaveAShortRecordOfLongPaths() {
        world.handle(stranger("G".repeat(99), "/" + "x".repeat(5_000), ""));

        AccessRefused refused = world.journal.of(AccessRefused.class).getFirst();
        assertThat(refused.path().length()).isLessThan(300);
        assertThat(refused.method().length()).isLessThan(20);
    }

    @Test
    void writeNothingWhenThereWasNobody() {
        world.strangers.flush();

        assertThat(world.journal.of(AuditEvent.class)).isEmpty();
    }
}
