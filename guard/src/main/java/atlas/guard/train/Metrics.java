package atlas.guard.train;

import java.util.Arrays;
import java.util.List;

/** The figures a ranking of texts is judged by. */
final class Metrics {
    private Metrics() {}

    /** Area under the ROC curve; ties count half. */
    static double auc(List<Double> harmless, List<Double> attacks) {
        double[] low = harmless.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double wins = 0;
        for (double attack : attacks) {
            int below = lower(low, attack);
            int upTo = lower(low, Math.nextUp(attack));
            wins += below + (upTo - below) / 2.0;
        }
        return wins / ((double) low.length * attacks.size());
    }

    /** The lowest threshold that lets at most this share of harmless texts through it. */
    static double threshold(List<Double> harmless, double share) {
        double[] sorted = harmless.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int allowed = (int) (sorted.length * share);
        return Math.nextUp(sorted[Math.max(0, sorted.length - 1 - allowed)]);
    }

    /** The share of scores at or above a threshold. */
    static double share(List<Double> scores, double threshold) {
        return scores.isEmpty()
                ? 0
                : scores.stream().filter(s -> s >= threshold).count() / (double) scores.size();
    }

    private static int lower(double[] sorted, double value) {
        int at = Arrays.binarySearch(sorted, value);
        if (at < 0) {
            return -at - 1;
        }
        while (at > 0 && sorted[at - 1] == value) {
            at--;
        }
        return at;
    }
}
