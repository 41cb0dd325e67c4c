package atlas.node.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atlas.core.crypto.Hashes;
import atlas.node.engine.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrainerTest {
    private static final Shape SHAPE = new Shape(32, 32, 2, 2, 1, 32, 64, 64, 16);
    private static final Shape.Span SPAN = new Shape.Span(4, 16);

    private static LanguageLoss.Batch batch() {
        Random random = new Random(1);
        int[] ids = random.ints(SPAN.tokens(), 0, 32).toArray();
        int[] targets = random.ints(SPAN.tokens(), 0, 32).toArray();
        float[] weights = new float[SPAN.tokens()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i % 3 == 0 ? 1 : .1f;
        }
        return new LanguageLoss.Batch(ids, targets, weights, SPAN);
    }

    @Test
    void gradientsAreTheSlopesOfTheLoss() {
        Transformer model = new Transformer(SHAPE, 3);
        LanguageLoss loss = new LanguageLoss(model);
        loss.apply(batch(), true);
        for (Parameter parameter : model.parameters()) {
            // Along the gradient the loss must rise by its squared length, to first order.
            double squares = 0;
            for (float g : parameter.gradient) {
                squares += (double) g * g;
            }
            float step = (float) (2e-2 / Math.sqrt(squares));
            double rise = at(model, parameter, loss, step) - at(model, parameter, loss, -step);
            assertThat(rise / (2 * step * squares)).as(parameter.name).isCloseTo(1, within(.05));
        }
    }

    private static double at(
            Transformer model, Parameter parameter, LanguageLoss loss, float step) {
        assertThat(model.parameters()).contains(parameter);
        float[] kept = parameter.value.clone();
        for (int i = 0; i < kept.length; i++) {
            parameter.value[i] += step * parameter.gradient[i];
        }
        double value = loss.apply(batch(), false);
        System.arraycopy(kept, 0, parameter.value, 0, kept.length);
        return value;
    }

    private static byte[] trained(int steps) {
        Bpe bpe = Bpe.learn(List.of("the cat sat on the mat"), 288);
        Transformer model = new Transformer(new Shape(288, 32, 2, 2, 1, 32, 64, 64, 16), 3);
        LanguageLoss loss = new LanguageLoss(model);
        Adam adam = new Adam(model.parameters(), 1e-2f, 2, steps);
        for (int step = 1; step <= steps; step++) {
            loss.apply(batch(), true);
            adam.update(step);
        }
        return ModelFile.bytes("tiny", model, bpe, false);
    }

    @Test
    void trainingTwiceGivesTheSameBytes() {
        assertThat(trained(5)).isEqualTo(trained(5)).isNotEqualTo(trained(4));
    }

    @Test
    void learnsWhatItIsShown() {
        Transformer model = new Transformer(SHAPE, 3);
        LanguageLoss loss = new LanguageLoss(model);
        Adam adam = new Adam(model.parameters(), 1e-2f, 2, 60);
        double before = loss.apply(batch(), false);
        for (int step = 1; step <= 60; step++) {
            loss.apply(batch(), true);
            adam.update(step);
        }
        assertThat(loss.apply(batch(), false)).isLessThan(before / 2);
    }

    @Test
    void theShippedModelsAreTheOnesTheirCardsAndLogsName() throws IOException {
        assertNamed("atlas-demo", ModelFiles.demo());
        assertNamed("atlas-embed", ModelFiles.embed());
    }

    private static void assertNamed(String model, byte[] file) throws IOException {
        String digest = Hashes.sha256(file).hex();
        Path directory = Path.of("../models").resolve(model);
        assertThat(Files.readString(directory.resolve("README.md"))).contains(digest);
        assertThat(Files.readString(directory.resolve("training.txt"))).contains(digest);
    }

    @Test
    void theCorpusIsTheSameEveryTime() throws IOException {
        List<String> one = Corpus.read(Path.of("../models/corpus"), 5).conversations(40);
        List<String> two = Corpus.read(Path.of("../models/corpus"), 5).conversations(40);
        assertThat(one).isEqualTo(two);
        assertThat(one).allSatisfy(text -> assertThat(text).doesNotContain("{n}", "{t}", "{o}"));
    }
}
