package atlas.node.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import atlas.node.engine.Answer;
import atlas.node.engine.EngineContract;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineRefusal.Kind;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.Generation;
import atlas.node.engine.GenerationRequest;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.ModelFiles;
import atlas.node.engine.Prompt;
import atlas.node.engine.Sampling;
import atlas.node.engine.TokenSink.Finish;
import atlas.node.engine.Weights;
import atlas.node.trainer.TinyModel;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class EmbeddedEngineTest extends EngineContract {
    private static final EngineSpec SPEC = new EngineSpec("demo", 1024, 4, 2);

    private final Weights weights = ModelFiles.weights(ModelFiles.demo());
    private final InferenceEngine engine = open(new EmbeddedEngine(), weights);

    private static InferenceEngine open(EmbeddedEngine provider, Weights weights) {
        try {
            return provider.open(SPEC, weights);
        } catch (EngineRefusal e) {
            throw new AssertionError(e);
        }
    }

    @AfterAll
    void close() {
        engine.close();
        weights.close();
    }

    @Override
    protected InferenceEngine engine() {
        return engine;
    }

    private static GenerationRequest request(String text, int most, Sampling sampling) {
        return new GenerationRequest(new Prompt.Text(text), most, sampling, List.of());
    }

    @Test
    void usesVectorInstructionsWhereTheyAre() {
        assertThat(engine.health().detail()).contains("vector");
        assertThat(new EmbeddedEngine(new ScalarKernels()).obstacle()).isEmpty();
    }

    @Test
    void scalarKernelsSayTheSame() throws Exception {
        try (InferenceEngine scalar = open(new EmbeddedEngine(new ScalarKernels()), weights)) {
            Answer one = new Answer();
            Answer two = new Answer();
            GenerationRequest request =
                    new GenerationRequest(ask("Who are you?"), 40, Sampling.greedy(), List.of());
            engine.generate(request, one);
            scalar.generate(request, two);
            assertThat(two.text()).isEqualTo(one.text()).isNotBlank();
        }
    }

    @Test
    void tellsTheProbabilityOfEachToken() throws Exception {
        Answer answer = new Answer();
        engine.generate(
                new GenerationRequest(ask("Who are you?"), 10, Sampling.greedy(), List.of()),
                answer);
        answer.await();
        assertThat(answer.tokens()).allSatisfy(t -> assertThat(t.logprob()).isBetween(-20f, 0f));
        assertThat(answer.tokens()).hasSize(answer.usage().completionTokens());
    }

    @Test
    void countsThePromptAsItWillBeRead() throws Exception {
        Answer answer = new Answer();
        Prompt prompt = ask("Explain encryption.");
        engine.generate(new GenerationRequest(prompt, 1, Sampling.greedy(), List.of()), answer);
        assertThat(engine.countTokens(prompt)).isEqualTo(answer.usage().promptTokens());
    }

    @Test
    void refusesMoreThanItsQueueHolds() throws Exception {
        Weights tiny = ModelFiles.weights(TinyModel.gguf(4, false));
        Hold hold = new Hold();
        try (tiny;
                InferenceEngine small =
                        new EmbeddedEngine().open(new EngineSpec("tiny", 64, 1, 1), tiny)) {
            small.generate(request("the cat", 20, Sampling.greedy()), hold);
            hold.awaitStart();
            Answer waiting = new Answer();
            small.generate(request("the dog", 3, Sampling.greedy()), waiting);
            assertThatThrownBy(() ->
                            small.generate(request("the mat", 3, Sampling.greedy()), new Answer()))
                    .isInstanceOfSatisfying(
                            EngineRefusal.class,
                            refusal -> assertThat(refusal.kind()).isEqualTo(Kind.BUSY));
            hold.release();
            assertThat(waiting.await()).isNotEqualTo(Finish.CANCELLED);
        }
    }

    @Test
    void closingEndsWhatIsUnderWay() throws Exception {
        Weights tiny = ModelFiles.weights(TinyModel.gguf(4, false));
        Hold hold = new Hold();
        Answer waiting = new Answer();
        try (tiny) {
            InferenceEngine small =
                    new EmbeddedEngine().open(new EngineSpec("tiny", 64, 1, 1), tiny);
            small.generate(request("the cat", 40, Sampling.greedy()), hold);
            hold.awaitStart();
            small.generate(request("the dog", 3, Sampling.greedy()), waiting);
            hold.release();
            small.close();
            assertThatThrownBy(
                            () -> small.generate(request("x", 1, Sampling.greedy()), new Answer()))
                    .isInstanceOf(EngineRefusal.class)
                    .hasMessageContaining("closing");
        }
        waiting.await();
    }

    @Test
    void aCancelledAnswerEndsAtItsNextToken() throws Exception {
        Hold hold = new Hold();
        Generation generation =
                engine.generate(request("Once upon a time", 900, Sampling.greedy()), hold);
        hold.awaitStart();
        generation.cancel();
        hold.release();
        assertThat(hold.await()).isEqualTo(Finish.CANCELLED);
    }

    @Test
    void theAnswerEndsWhereTheContextEnds() throws Exception {
        try (Weights tiny = ModelFiles.weights(TinyModel.gguf(4, false));
                InferenceEngine small =
                        new EmbeddedEngine().open(new EngineSpec("tiny", 32, 1, 1), tiny)) {
            Answer answer = new Answer();
            Sampling any = new Sampling(1, 0, 1, 0, 0, OptionalLong.of(1));
            small.generate(request("the cat sat", 1000, any), answer);
            answer.await();
            int all = answer.usage().promptTokens() + answer.usage().completionTokens();
            assertThat(all).isLessThanOrEqualTo(32);
        }
    }

    @Test
    void embeddingsPutTheAnswerNearItsQuestion() throws Exception {
        try (Weights weights = ModelFiles.weights(ModelFiles.embed());
                InferenceEngine engine = open(new EmbeddedEngine(), weights)) {
            List<float[]> v =
                    engine.embed(
                                    List.of(
                                            "What is a firewall?",
                                            "A firewall is a filter that sits between networks.",
                                            "A cache keeps a copy of a result."))
                            .vectors();
            assertThat(dot(v.get(0), v.get(1))).isGreaterThan(dot(v.get(0), v.get(2)) + .3f);
            assertThat(dot(v.get(0), v.get(0))).isCloseTo(1f, within(1e-4f));
            assertThatThrownBy(
                            () -> engine.generate(request("x", 1, Sampling.greedy()), new Answer()))
                    .hasMessageContaining("makes embeddings");
            assertThatThrownBy(() -> engine.embed(List.of(""))).hasMessageContaining("no text");
        }
    }

    @Test
    void aLanguageModelMakesNoEmbeddings() {
        assertThatThrownBy(() -> engine.embed(List.of("text")))
                .isInstanceOfSatisfying(
                        EngineRefusal.class,
                        refusal -> assertThat(refusal.kind()).isEqualTo(Kind.UNSUPPORTED));
    }

    static float dot(float[] a, float[] b) {
        float sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
