package atlas.guard.train;

import atlas.guard.measure.Row;
import atlas.guard.model.Dense;
import atlas.guard.model.Head;
import atlas.guard.model.LinearModel;
import atlas.guard.model.Ngrams;
import atlas.guard.model.Reading;
import atlas.guard.signature.Signatures;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Learns from rows by the worst window: an attack must make some window score high, harmless text
 * must keep every window low. So the window a step is taken on is the one the model will judge by.
 */
final class Learner {
    private final Signatures signatures;
    private final Recipe recipe;
    private final RandomGenerator random;

    Learner(Signatures signatures, Recipe recipe) {
        this.signatures = signatures;
        this.recipe = recipe;
        this.random = RandomGeneratorFactory.of("Random").create(recipe.seed());
    }

    /** What was learned, and what n-grams alone learned from the rows that are not our own. */
    record Learned(Weights full, Weights plain) {}

    /** Learns from rows, and beside it n-grams alone from those that are not our own. */
    Learned learn(List<Row> rows) {
        Weights full = new Weights(signatures);
        Weights plain = new Weights(signatures, true);
        List<Row> order = new ArrayList<>(rows);
        for (int epoch = 0; epoch < recipe.epochs(); epoch++) {
            Collections.shuffle(order, random);
            double decay = 1.0 / (1 + epoch);
            Weights.Rates rates =
                    new Weights.Rates(recipe.ngramRate() * decay, recipe.denseRate() * decay);
            for (Row row : order) {
                Reading.All text = Reading.of(row.text(), signatures);
                Windows windows = new Windows(text, signatures);
                step(row, windows, full, rates);
                if (!OwnRows.own(row)) {
                    step(row, windows, plain, rates);
                }
            }
            full.shrink(recipe.shrink());
            plain.shrink(recipe.shrink());
        }
        return new Learned(full, plain);
    }

    private void step(Row row, Windows windows, Weights weights, Weights.Rates rates) {
        for (Head head : Head.values()) {
            double importance = recipe.importance(row, head);
            if (importance <= 0) {
                continue;
            }
            int worst = 0;
            double margin = Double.NEGATIVE_INFINITY;
            for (int w = 0; w < windows.size(); w++) {
                double m = windows.margin(w, head, weights);
                if (m > margin) {
                    margin = m;
                    worst = w;
                }
            }
            double probability = 1 / (1 + Math.exp(-margin));
            double gradient = (probability - (row.attack() ? 1 : 0)) * importance;
            if (Math.abs(gradient) > 1e-4) {
                windows.step(worst, head, weights, gradient, rates);
            }
        }
    }

    /** All windows of all views of one text. */
    private static final class Windows {
        private final List<int[]> buckets = new ArrayList<>();
        private final List<int[]> places = new ArrayList<>();
        private final List<long[]> bits = new ArrayList<>();

        Windows(Reading.All text, Signatures signatures) {
            for (Reading reading : text.readings()) {
                add(reading, text, signatures);
            }
        }

        private void add(Reading reading, Reading.All text, Signatures signatures) {
            int blocks = reading.blocks();
            int[] all = new int[reading.view().length() * Ngrams.PER_CHARACTER + 2];
            int[] block = new int[Reading.BLOCK * Ngrams.PER_CHARACTER + 2];
            int[] starts = new int[blocks + 1];
            Ngrams walk = new Ngrams(reading.view());
            for (int b = 0; b < blocks; b++) {
                int count = walk.fill(Reading.BLOCK, block);
                System.arraycopy(block, 0, all, starts[b], count);
                starts[b + 1] = starts[b] + count;
            }
            for (LinearModel.Window window : LinearModel.windows(blocks)) {
                long[] seen = new long[Dense.words(signatures)];
                reading.evidence().collect(window.first(), window.end(), seen);
                Dense.add(seen, text.marks(), reading.view().layer(), signatures);
                buckets.add(all);
                places.add(new int[] {starts[window.first()], starts[window.end()]});
                bits.add(seen);
            }
        }

        int size() {
            return bits.size();
        }

        double margin(int w, Head head, Weights weights) {
            int[] place = places.get(w);
            return weights.margin(buckets.get(w), place[0], place[1], bits.get(w), head);
        }

        void step(int w, Head head, Weights weights, double g, Weights.Rates rates) {
            int[] place = places.get(w);
            weights.step(buckets.get(w), place[0], place[1], bits.get(w), head, g, rates);
        }
    }
}
