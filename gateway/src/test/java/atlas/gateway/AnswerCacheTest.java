package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.Glob;
import atlas.core.Role;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.Sealer;
import atlas.gateway.GatewayConfig.SemanticCache;
import atlas.gateway.openai.Operation;
import atlas.policy.Grant;
import atlas.runtime.http.Headers;
import atlas.vectors.VectorStores;
import atlas.vectors.VectorsConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers are given again where that is the same, and nowhere else. */
class AnswerCacheTest {
    private static final VectorsConfig CONFIG =
            new VectorsConfig(Optional.empty(), 1, 5, 1 << 20, 8, 1 << 20);

    @TempDir Path temp;

    private final World world = new World();
    private final TestSealer sealer = new TestSealer();
    private boolean withheld;
    private VectorStores stores;
    private String said = "hello";
    private String meaning = "[1,0]";

    @BeforeEach
    void keepAnswers() {
        stores = VectorStores.open(temp, this::vault, CONFIG, World.CLOCK);
        world.answers = Optional.of(stores);
        world.semanticCache = new SemanticCache(List.of("llama*"), 0.97, Duration.ofHours(1));
        world.deploy("llama-embed", Map.of());
        world.grants.put(
                new Grant(
                        "bob",
                        Role.CONSUMER,
                        List.of(new Glob("llama*")),
                        "default",
                        Optional.empty()));
        world.engine = () -> FakeResponse.json(200, embeds() ? vector() : answer());
    }

    private Sealer vault(String tenant) {
        if (withheld) {
            throw KeyUnavailableException.withdrawn("withheld for " + tenant);
        }
        return sealer;
    }

    @AfterEach
    void close() {
        stores.close();
    }

    private boolean embeds() {
        return world.sent.getLast().path().equals("/v1/embeddings");
    }

    private String answer() {
        return World.WHOLE.replace("hello", said);
    }

    private String vector() {
        return "{\"data\":[{\"index\":0,\"embedding\":"
                + meaning
                + "}],\"usage\":{\"prompt_tokens\":2,\"total_tokens\":2}}";
    }

    private long chats() {
        return world.sent.stream().filter(s -> s.path().equals("/v1/chat/completions")).count();
    }

    private FakeExchange ask(String who, String question, String more) {
        return world.handle(
                World.ask(who, Operation.CHAT.path(), World.body("llama", question, more)));
    }

    @Test
    void aQuestionThatMeansTheSameIsAnsweredByWhatWasSaidBefore() throws IOException {
        FakeExchange first = ask("ada", "how are you?", "");
        said = "something else";
        meaning = "[0.99,0.05]";
        FakeExchange second = ask("ada", "how do you do?", "");

        assertThat(chats()).isEqualTo(1);
        assertThat(first.answered.first("atlas-cache")).isEmpty();
        assertThat(second.answered.first("atlas-cache")).contains("hit");
        assertThat(second.text()).contains("\"content\":\"hello\"");
        // It is an answer to this request all the same: named, recorded and proved as such.
        assertThat(second.text()).isNotEqualTo(first.text());
        List<InferenceOutcome> outcomes =
                world.journal.of(InferenceOutcome.class).stream()
                        .filter(o -> o.model().ref().name().equals("llama"))
                        .toList();
        assertThat(outcomes)
                .extracting(InferenceOutcome::node)
                .containsExactly("node-1", "semantic-cache");
        assertThat(outcomes).extracting(InferenceOutcome::status).containsOnly("ok");
        assertThat(outcomes.get(1).requestId()).isEqualTo(second.requestId());
        assertThat(outcomes.get(1).answer().bytes()).isEqualTo(second.sent().length);
        assertThat(world.journal.of(InferenceIntent.class))
                .extracting(InferenceIntent::requestId)
                .contains(second.requestId(), second.requestId() + "-question");
        try (Stream<Path> files = Files.walk(temp)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .doesNotContain("hello", "content");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"temperature\":0.5",
                ",\"max_tokens\":7",
                ",\"seed\":1",
                ",\"stream\":true",
                ",\"n\":2",
                ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"clock\"}}]",
                ",\"response_format\":{\"type\":\"json_object\"}",
                ",\"logit_bias\":{\"1\":2}"
            })
    void anyOtherParameterIsAnotherRequest(String parameter) {
        ask("ada", "how are you?", "");
        ask("ada", "how are you?", parameter);
        assertThat(chats()).isEqualTo(2);
    }

    @Test
    void whatDiffersInAnythingElseIsAskedAnew() {
        ask("ada", "how are 2 of you?", "");
        // Another principal, another number, another meaning.
        ask("bob", "how are 2 of you?", "");
        ask("ada", "how are 3 of you?", "");
        meaning = "[0.9,0.4]";
        ask("ada", "how are 2 of you?", "");
        assertThat(chats()).isEqualTo(4);
        meaning = "[1,0]";
        // Other things were said before.
        String body =
                "{\"model\":\"llama\",\"messages\":[{\"role\":\"system\",\"content\":\"be terse\"},"
                        + "{\"role\":\"user\",\"content\":\"how are 2 of you?\"}]}";
        world.handle(World.ask("ada", Operation.CHAT.path(), body));
        assertThat(chats()).isEqualTo(5);
        // Whoever says so has it made anew.
        world.handle(
                new FakeExchange(
                        "POST",
                        Operation.CHAT.path(),
                        Headers.of(
                                "authorization",
                                "Bearer ada",
                                "content-type",
                                "application/json",
                                "cache-control",
                                "no-store"),
                        World.body("llama", "how are 2 of you?", "")));
        assertThat(chats()).isEqualTo(6);
        ask("ada", "how are 2 of you?", "");
        assertThat(chats()).isEqualTo(6);
    }

    @Test
    void anotherVersionOfTheModelOrTooLongATimeMakesItAnew() {
        ask("ada", "how are you?", "");
        world.clock = Clock.offset(World.CLOCK, Duration.ofMinutes(61));
        ask("ada", "how are you?", "");
        assertThat(chats()).isEqualTo(2);
        world.clock = World.CLOCK;
        world.deployed.put("llama", world.deployed.get("other"));
        ask("ada", "how are you?", "");
        assertThat(chats()).isEqualTo(3);
    }

    @Test
    void whatMayNoLongerBeSaidIsNotSaidAgain() {
        said = "the key is " + World.SECRET;
        ask("ada", "how are you?", "");
        world.filter = _ -> new WordFilter();
        FakeExchange again = ask("ada", "how are you?", "");
        assertThat(chats()).isEqualTo(1);
        assertThat(again.text()).doesNotContain(World.SECRET);
        // Policy is asked for each request, whatever is known already.
        world.grants.remove("ada", Role.CONSUMER);
        assertThat(ask("ada", "how are you?", "").status).isEqualTo(404);
    }

    @Test
    void withoutKeysNothingKnownIsSaid() {
        ask("ada", "how are you?", "");
        withheld = true;
        stores.forget();
        FakeExchange refused = ask("ada", "how are you?", "");
        assertThat(refused.status).isEqualTo(503);
        assertThat(refused.text()).doesNotContain("hello");
        withheld = false;
        assertThat(ask("ada", "how are you?", "").text()).contains("hello");
        assertThat(chats()).isEqualTo(1);
    }

    @Test
    void aModelThatCannotTellMeaningsIsNoReasonNotToAnswer() {
        world.engine = () -> FakeResponse.json(embeds() ? 500 : 200, answer());
        assertThat(ask("ada", "how are you?", "").text()).contains("hello");
        world.engine = () -> FakeResponse.json(200, embeds() ? "{}" : answer());
        assertThat(ask("ada", "how are you?", "").text()).contains("hello");
        assertThat(chats()).isEqualTo(2);
    }

    @Test
    void aFailedAnswerIsNotKeptAndAFullStoreBeginsAnew() {
        world.engine = () -> FakeResponse.json(embeds() ? 200 : 500, embeds() ? vector() : "{}");
        assertThat(ask("ada", "how are you?", "").status).isEqualTo(502);
        assertThat(stores.isEmpty()).isTrue();
        world.engine = () -> FakeResponse.json(200, embeds() ? vector() : answer());
        for (int i = 0; i < 7; i++) {
            ask("ada", "question " + i, "");
        }
        assertThat(chats()).isEqualTo(8);
        ask("ada", "question 6", "");
        assertThat(chats()).isEqualTo(8);
        assertThat(stores.of("default")).hasSize(1);
        assertThat(stores.of("default").getFirst().card().vectors()).isBetween(1, 5);
    }
}
