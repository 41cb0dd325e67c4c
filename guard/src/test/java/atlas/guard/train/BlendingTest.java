package atlas.guard.train;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.guard.measure.Row;
import atlas.guard.model.Blend;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class BlendingTest {
    @Test
    void countsTheEncoderWhereItTellsAndNotWhereItDoesNot() {
        List<Judgement> telling = judgements(4000);
        List<Judgement> noise = new ArrayList<>();
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
        for (Judgement one : telling) {
            double any = random.nextGaussian() * 30;
            double[] margins = {one.margins()[0], one.margins()[1], any, any};
            noise.add(new Judgement(one.number(), one.fold(), one.row(), 0, margins));
        }

        assertThat(Blending.fit(telling).full()[3]).isGreaterThan(0.2f);
        assertThat(Blending.fit(noise).full()[3]).isZero();
    }

    @Test
    void setsThresholdsWhereSoManyHarmlessTextsMeetThem() {
        List<Judgement> judged = judgements(20_000);

        Blend blend = Blending.fit(judged);

        List<Double> harmless = new ArrayList<>();
        for (Judgement one : judged) {
            if (!one.row().attack()) {
                harmless.add(blend.score(Blending.evidence(blend, one)));
            }
        }
        assertThat(share(harmless, Blend.FLAG - 1e-6)).isBetween(0.008, 0.0105);
        assertThat(share(harmless, Blend.BLOCK - 1e-6)).isBetween(0.002, 0.0035);
        assertThat(Blending.asked(blend, judged, j -> !j.row().attack())).isBetween(0.1, 0.14);
    }

    @Test
    void measuresAFoldByBlendsThatNeverSawIt() {
        List<Judgement> judged = judgements(4000);

        assertThat(Blending.scores(judged)).hasSize(4000).doesNotContain(0.0);
    }

    private static double share(List<Double> scores, double threshold) {
        return scores.stream().filter(s -> s >= threshold).count() / (double) scores.size();
    }

    private static List<Judgement> judgements(int count) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(2);
        List<Judgement> judged = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean attack = i % 4 == 0;
            double shift = attack ? 0.7 : -0.7;
            double[] margins = {
                random.nextGaussian() + shift,
                random.nextGaussian() + shift,
                random.nextGaussian() + shift,
                random.nextGaussian() + shift
            };
            String channel = i % 3 == 0 ? "user" : i % 3 == 1 ? "document" : "mixed";
            Row row = new Row("", attack, "s", "c", "en", channel);
            judged.add(new Judgement(i, i % Folds.COUNT, row, margins[0], margins));
        }
        return judged;
    }
}
