package atlas.watch.behaviour;

/**
 * How often the principals of one tenant act together. When the others are busier than usual too,
 * what one of them does is less of a surprise. Not thread-safe.
 */
final class Cohort {
    private final Rhythm rhythm = new Rhythm();

    void turnTo(Activity act) {
        rhythm.turnTo(act.when().getEpochSecond());
    }

    void learn(Activity act) {
        if (act.inference() && !act.operation().equals("embeddings")) {
            rhythm.count();
        }
    }

    /** How many times the usual the others have done in the last half hour. */
    double others(Rhythm own) {
        double sum = 0;
        for (int back = 1; back <= Rhythm.WINDOW; back++) {
            sum += Math.max(0, rhythm.recent(back) - own.recent(back));
        }
        double usual = Rhythm.WINDOW * Math.max(0, rhythm.expected() - own.expected());
        return (sum + 30) / (usual + 30);
    }
}
