package atlas.guard.train;

import atlas.guard.measure.Metrics;
import atlas.guard.model.Blend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Fits blends on judgements of sources nobody saw. What a fold's judgements are measured by is
 * fitted on the other folds.
 */
final class Blending {
    /** Harmless texts of unseen sources that a blocking and a flagging threshold may meet. */
    private static final double BLOCKED = 0.003;

    private static final double FLAGGED = 0.01;

    /** Harmless texts that the encoder may be asked about. */
    private static final double ASKED = 0.12;

    private Blending() {}

    /** The blend for a kind of channel. */
    static Blend fit(List<Judgement> judged, Blend.For channel) {
        List<Judgement> part = judged.stream().filter(j -> j.counts(channel)).toList();
        float[] quick = fit(part, 2);
        float[] full = fit(part, 4);
        Blend open = new Blend(quick, full, 0, 0, 1);
        float gate = threshold(part, j -> quick(open, j), ASKED);
        Blend gated = new Blend(quick, full, gate, 0, 1);
        float flag = threshold(part, j -> asked(gated, j), FLAGGED);
        float block = threshold(part, j -> asked(gated, j), BLOCKED);
        return new Blend(quick, full, gate, flag, Math.max(block, flag + 1e-3f));
    }

    /** What both say of a text the encoder is asked about; of another that it is no attack. */
    private static double asked(Blend blend, Judgement judged) {
        return quick(blend, judged) < blend.gate() ? -Float.MAX_VALUE : full(blend, judged);
    }

    private static double full(Blend blend, Judgement judged) {
        double[] m = judged.margins();
        return blend.full(m[0], m[1], m[2], m[3]);
    }

    private static double quick(Blend blend, Judgement judged) {
        return blend.quick(judged.margins()[0], judged.margins()[1]);
    }

    /** What the cascade makes of a judgement. */
    static double evidence(Blend blend, Judgement judged) {
        double quick = quick(blend, judged);
        return quick < blend.gate() ? blend.unasked(quick) : full(blend, judged);
    }

    /** The scores of all judgements, each by blends fitted without its fold. */
    static double[] scores(List<Judgement> judged, boolean known) {
        double[] scores = new double[judged.size()];
        for (int fold = 0; fold < Folds.COUNT; fold++) {
            int left = fold;
            List<Judgement> others = judged.stream().filter(j -> j.fold() != left).toList();
            Blend[] blends = all(others);
            for (int i = 0; i < scores.length; i++) {
                Judgement one = judged.get(i);
                if (one.fold() == fold) {
                    Blend.For channel = known ? Judgement.channel(one.row()) : Blend.For.UNKNOWN;
                    Blend blend = blends[channel.ordinal()];
                    scores[i] = blend.score(evidence(blend, one));
                }
            }
        }
        return scores;
    }

    /** The blends for all kinds of channels. */
    static Blend[] all(List<Judgement> judged) {
        Blend[] blends = new Blend[Blend.For.values().length];
        for (Blend.For channel : Blend.For.values()) {
            blends[channel.ordinal()] = fit(judged, channel);
        }
        return blends;
    }

    /** The share of these judgements that the encoder is asked about. */
    static double asked(Blend[] blends, List<Judgement> judged, Predicate<Judgement> which) {
        List<Judgement> part = judged.stream().filter(which).toList();
        long asked =
                part.stream()
                        .filter(j -> {
                            Blend blend = blends[Judgement.channel(j.row()).ordinal()];
                            return quick(blend, j) >= blend.gate();
                        })
                        .count();
        return asked / (double) part.size();
    }

    private static float[] fit(List<Judgement> part, int margins) {
        double[][] rows = new double[part.size()][];
        boolean[] attacks = new boolean[part.size()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new double[margins + 1];
            rows[i][0] = 1;
            System.arraycopy(part.get(i).margins(), 0, rows[i], 1, margins);
            attacks[i] = part.get(i).row().attack();
        }
        double[] weights = Logistic.fit(rows, attacks);
        float[] narrow = new float[weights.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) weights[i];
        }
        return narrow;
    }

    private static float threshold(
            List<Judgement> part, ToDoubleFunction<Judgement> score, double share) {
        List<Double> harmless = new ArrayList<>();
        for (Judgement one : part) {
            if (!one.row().attack()) {
                harmless.add(score.applyAsDouble(one));
            }
        }
        return Math.nextUp((float) Metrics.threshold(harmless, share));
    }
}
