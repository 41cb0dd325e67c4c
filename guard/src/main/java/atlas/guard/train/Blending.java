package atlas.guard.train;

import atlas.guard.measure.Metrics;
import atlas.guard.model.Blend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Fits on judgements of sources nobody saw how much the encoder counts beside the linear
 * classifier, and where thresholds lie. What a fold's judgements are measured by is fitted on the
 * other folds. One blend serves all channels: fitted for each of them, they rank all texts together
 * worse.
 */
final class Blending {
    /** Harmless texts of unseen sources that a blocking and a flagging threshold may meet. */
    private static final double BLOCKED = 0.003;

    private static final double FLAGGED = 0.01;

    /** Harmless texts that the encoder may be asked about. */
    private static final double ASKED = 0.12;

    /** What the encoder may count, the linear classifier counting 1. */
    private static final double[] SHARES = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1};

    private Blending() {}

    /** The blends for all kinds of channels. */
    static Blend[] all(List<Judgement> judged) {
        Blend[] blends = new Blend[Blend.For.values().length];
        Arrays.fill(blends, fit(judged));
        return blends;
    }

    static Blend fit(List<Judgement> judged) {
        double best = -1;
        double share = 0;
        for (double each : SHARES) {
            ToDoubleFunction<Judgement> score = j -> linear(j) + each * encoder(j);
            double found =
                    Metrics.share(
                            scores(judged, true, score),
                            Metrics.threshold(scores(judged, false, score), FLAGGED));
            if (found > best) {
                best = found;
                share = each;
            }
        }
        float half = (float) share / 2;
        // Who the encoder is not asked about is taken for one it finds as harmless as most.
        float usual = (float) (share * median(scores(judged, false, Blending::encoder)));
        float[] quick = {usual, 0.5f, 0.5f};
        float[] full = {0, 0.5f, 0.5f, half, half};
        float gate = threshold(judged, j -> usual + linear(j), ASKED);
        Blend gated = new Blend(quick, full, gate, 0, 1);
        float flag = threshold(judged, j -> asked(gated, j), FLAGGED);
        float block = threshold(judged, j -> asked(gated, j), BLOCKED);
        return new Blend(quick, full, gate, flag, Math.max(block, flag + 1e-3f));
    }

    private static double linear(Judgement judged) {
        return (judged.margins()[0] + judged.margins()[1]) / 2;
    }

    private static double encoder(Judgement judged) {
        return (judged.margins()[2] + judged.margins()[3]) / 2;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(0.0);
    }

    /** What both say of a text the encoder is asked about; of another that it is no attack. */
    private static double asked(Blend blend, Judgement judged) {
        return quick(blend, judged) < blend.gate() ? -Float.MAX_VALUE : full(blend, judged);
    }

    private static double quick(Blend blend, Judgement judged) {
        return blend.quick(judged.margins()[0], judged.margins()[1]);
    }

    private static double full(Blend blend, Judgement judged) {
        double[] m = judged.margins();
        return blend.full(m[0], m[1], m[2], m[3]);
    }

    /** What the cascade makes of a judgement. */
    static double evidence(Blend blend, Judgement judged) {
        double quick = quick(blend, judged);
        return quick < blend.gate() ? blend.unasked(quick) : full(blend, judged);
    }

    /** The scores of all judgements, each by a blend fitted without its fold. */
    static double[] scores(List<Judgement> judged) {
        double[] scores = new double[judged.size()];
        for (int fold = 0; fold < Folds.COUNT; fold++) {
            int left = fold;
            Blend blend = fit(judged.stream().filter(j -> j.fold() != left).toList());
            for (int i = 0; i < scores.length; i++) {
                if (judged.get(i).fold() == fold) {
                    scores[i] = blend.score(evidence(blend, judged.get(i)));
                }
            }
        }
        return scores;
    }

    /** The share of these judgements that the encoder is asked about. */
    static double asked(Blend blend, List<Judgement> judged, Predicate<Judgement> which) {
        List<Judgement> part = judged.stream().filter(which).toList();
        long asked = part.stream().filter(j -> quick(blend, j) >= blend.gate()).count();
        return asked / (double) part.size();
    }

    private static float threshold(
            List<Judgement> judged, ToDoubleFunction<Judgement> score, double share) {
        return Math.nextUp((float) Metrics.threshold(scores(judged, false, score), share));
    }

    private static List<Double> scores(
            List<Judgement> judged, boolean attacks, ToDoubleFunction<Judgement> score) {
        List<Double> scores = new ArrayList<>();
        for (Judgement one : judged) {
            if (one.row().attack() == attacks) {
                scores.add(score.applyAsDouble(one));
            }
        }
        return scores;
    }
}
