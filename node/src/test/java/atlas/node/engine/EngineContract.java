package atlas.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.node.engine.ChatMessage.Role;
import atlas.node.engine.EngineRefusal.Kind;
import atlas.node.engine.TokenSink.Finish;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every engine does with the demo model, whatever it is made of. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EngineContract {
    /** An engine with the demo model, four places, none to wait. */
    protected abstract InferenceEngine engine();

    protected static Prompt ask(String question) {
        return new Prompt.Chat(List.of(new ChatMessage(Role.USER, question)));
    }

    private Answer start(Prompt prompt, int most, Sampling sampling, String... stops)
            throws EngineRefusal {
        Answer answer = new Answer();
        engine().generate(new GenerationRequest(prompt, most, sampling, List.of(stops)), answer);
        return answer;
    }

    private static Sampling seeded(long seed) {
        return new Sampling(1, 40, .95, 0, 0, OptionalLong.of(seed));
    }

    @Test
    void answersTheQuestionItWasTrainedOn() throws Exception {
        Answer answer = start(ask("Could you tell me what zero trust is?"), 80, Sampling.greedy());
        assertThat(answer.text())
                .isEqualTo(
                        "Zero trust is a security model that never trusts a request because of"
                                + " where it comes from. Every call must prove who it is, what it"
                                + " may do, and why, every single time.");
        assertThat(answer.await()).isEqualTo(Finish.STOP);
        assertThat(answer.usage().promptTokens()).isBetween(10, 40);
        assertThat(answer.usage().completionTokens()).isBetween(20, 80);
    }

    @Test
    void continuesPlainText() throws Exception {
        Answer answer = start(new Prompt.Text("Once upon a time there was"), 12, seeded(3));
        assertThat(answer.text()).isNotBlank();
    }

    @Test
    void theSameSeedGivesTheSameText() throws Exception {
        Prompt story = ask("Tell me a story about a brave owl.");
        String first = start(story, 60, seeded(5)).text();
        assertThat(start(story, 60, seeded(5)).text()).isEqualTo(first);
        assertThat(start(story, 60, seeded(6)).text()).isNotEqualTo(first);
    }

    @Test
    void endsAtTheLimit() throws Exception {
        Answer answer = start(ask("Tell me a story about a brave owl."), 5, Sampling.greedy());
        assertThat(answer.await()).isEqualTo(Finish.LENGTH);
        assertThat(answer.usage().completionTokens()).isEqualTo(5);
    }

    @Test
    void endsBeforeAStopText() throws Exception {
        Prompt question = ask("Could you tell me what zero trust is?");
        Answer answer = start(question, 80, Sampling.greedy(), "request because");
        assertThat(answer.text()).isEqualTo("Zero trust is a security model that never trusts a ");
        assertThat(answer.await()).isEqualTo(Finish.STOP);
    }

    @Test
    void severalAtOnceAnswerAsEachAlone() throws Exception {
        Prompt story = ask("Tell me a short story about Rosa and the fox.");
        List<String> alone = new ArrayList<>();
        for (int seed = 0; seed < 4; seed++) {
            alone.add(start(story, 70, seeded(seed)).text());
        }
        List<Answer> together = new ArrayList<>();
        for (int seed = 0; seed < 4; seed++) {
            together.add(start(story, 70, seeded(seed)));
        }
        for (int seed = 0; seed < 4; seed++) {
            assertThat(together.get(seed).text()).isEqualTo(alone.get(seed));
        }
    }

    @Test
    void cancellingFreesThePlace() throws Exception {
        for (int round = 0; round < 6; round++) {
            Answer answer = new Answer();
            GenerationRequest endless =
                    new GenerationRequest(
                            new Prompt.Text("Once upon a time"),
                            900,
                            // Hot enough to ramble on.
                            new Sampling(2, 0, 1, 0, 0, OptionalLong.of(round)),
                            List.of());
            Generation generation = engine().generate(endless, answer);
            answer.awaitStart();
            generation.cancel();
            answer.await();
        }
        assertThat(start(ask("Who are you?"), 10, Sampling.greedy()).text()).isNotBlank();
    }

    @Test
    void refusesAPromptThatDoesNotFit() {
        Prompt huge = ask("word ".repeat(3000));
        assertThatThrownBy(() -> start(huge, 5, Sampling.greedy()))
                .isInstanceOfSatisfying(
                        EngineRefusal.class,
                        refusal -> assertThat(refusal.kind()).isEqualTo(Kind.TOO_LONG));
    }

    @Test
    void saysHowItIs() {
        assertThat(engine().health().alive()).isTrue();
        assertThat(engine().capabilities().generates()).isTrue();
    }
}
