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
    void findsWhichMarginTellsAndWhichDoesNot() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
        double[][] rows = new double[2000][];
        boolean[] attacks = new boolean[rows.length];
        for (int i = 0; i < rows.length; i++) {
            attacks[i] = i % 2 == 0;
            rows[i] =
                    new double[] {
                        1, random.nextGaussian() + (attacks[i] ? 1 : -1), random.nextGaussian()
                    };
        }

        double[] weights = Logistic.fit(rows, attacks);

        // Two normal distributions two apart: the log of the odds is twice the feature.
        assertThat(weights[1]).isBetween(1.7, 2.4);
        assertThat(Math.abs(weights[2])).isLessThan(0.2);
        assertThat(Math.abs(weights[0])).isLessThan(0.2);
    }

    @Test
    void setsThresholdsWhereSoManyHarmlessTextsMeetThem() {
        List<Judgement> judged = judgements(20_000);

        Blend blend = Blending.fit(judged, Blend.For.SPEAKER);

        List<Double> harmless = new ArrayList<>();
        for (Judgement one : judged) {
            if (!one.row().attack() && one.counts(Blend.For.SPEAKER)) {
                harmless.add(blend.score(Blending.evidence(blend, one)));
            }
        }
        assertThat(share(harmless, Blend.FLAG - 1e-6)).isBetween(0.008, 0.0105);
        assertThat(share(harmless, Blend.BLOCK - 1e-6)).isBetween(0.002, 0.0035);
        assertThat(
                        Blending.asked(
                                new Blend[] {blend, blend, blend}, judged, j -> !j.row().attack()))
                .isBetween(0.1, 0.14);
    }

    @Test
    void measuresAFoldByBlendsThatNeverSawIt() {
        List<Judgement> judged = judgements(4000);

        assertThat(Blending.scores(judged, true)).hasSize(4000).doesNotContain(0.0);
    }

    private static double share(List<Double> scores, double threshold) {
        return scores.stream().filter(s -> s >= threshold).count() / (double) scores.size();
    }

    private static List<Judgement> judgements(int count) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(2);
        List<Judgement> judged = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean attack = i % 4 == 0;
            double shift = attack ? 2 : -2;
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
