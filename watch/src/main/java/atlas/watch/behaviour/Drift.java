package atlas.watch.behaviour;

/**
 * Adds up how surprising large sizes are, and lets go of it as time passes and ordinary ones come:
 * a few very large ones within an hour count, one now and then does not. Not thread-safe.
 */
final class Drift {
    private static final double FADE = 45 * 60;
    private static final double FOR_LARGE = 1.5;
    private static final double FOR_ORDINARY = 0.25;
    private static final double MOST = 6;

    private double sum;
    private int since;
    private int last;
    private int large;

    /** Notes one size by the share of sizes that are as large. */
    void note(double share, boolean isLarge, long second) {
        sum *= Math.exp(-Math.max(0, second - last) / FADE);
        last = (int) second;
        sum += isLarge ? Math.min(MOST, -Math.log(share)) - FOR_LARGE : -FOR_ORDINARY;
        if (sum <= 0.5) {
            sum = Math.max(0, sum);
            large = 0;
        } else if (isLarge) {
            since = large == 0 ? (int) second : since;
            large++;
        }
    }

    double sum() {
        return sum;
    }

    int large() {
        return large;
    }

    /** The second of the first large one of this rise. */
    long since() {
        return since;
    }

    void clear() {
        sum = 0;
        large = 0;
    }
}
