package atlas.guard.measure;

import java.util.Arrays;
import java.util.List;

/** The figures a ranking of texts is judged by. */
public final class Metrics {
    private Metrics() {}

    /** Area under the ROC curve; ties count half. */
    public static double auc(List<Double> harmless, List<Double> attacks) {
        double[] wins = wins(array(harmless), array(attacks));
        return Arrays.stream(wins).sum() / attacks.size();
    }

    /** For each attack the share of harmless texts that score less, ties counting half. */
    static double[] wins(double[] harmless, double[] attacks) {
        double[] low = harmless.clone();
        Arrays.sort(low);
        double[] wins = new double[attacks.length];
        for (int i = 0; i < attacks.length; i++) {
            int below = lower(low, attacks[i]);
            int upTo = lower(low, Math.nextUp(attacks[i]));
            wins[i] = (below + (upTo - below) / 2.0) / low.length;
        }
        return wins;
    }

    /** The lowest threshold that lets at most this share of harmless texts through it. */
    public static double threshold(List<Double> harmless, double share) {
        return threshold(array(harmless), share);
    }

    static double threshold(double[] harmless, double share) {
        double[] sorted = harmless.clone();
        Arrays.sort(sorted);
        int allowed = (int) (sorted.length * share);
        return Math.nextUp(sorted[Math.max(0, sorted.length - 1 - allowed)]);
    }

    /** The share of scores at or above a threshold. */
    public static double share(List<Double> scores, double threshold) {
        return scores.isEmpty()
                ? 0
                : scores.stream().filter(s -> s >= threshold).count() / (double) scores.size();
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static int lower(double[] sorted, double value) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
