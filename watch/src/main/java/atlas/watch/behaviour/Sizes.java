package atlas.watch.behaviour;

/** How large something usually is: a histogram of half octaves that forgets slowly. */
final class Sizes {
    /** From one bin to the next. */
    static final double STEP = Math.sqrt(2);

    private static final int BINS = 42;
    private static final int FULL = 4096;

    private final short[] bins = new short[BINS];
    private int total;

    void add(long size) {
        bins[bin(size)]++;
        total++;
        if (total >= FULL) {
            total = 0;
            for (int i = 0; i < BINS; i++) {
                bins[i] = (short) (bins[i] / 2);
                total += bins[i];
            }
        }
    }

    int total() {
        return total;
    }

    /** The share of what was seen that is at least about so large. */
    double shareFrom(double size) {
        int tail = 0;
        for (int i = bin((long) size); i < BINS; i++) {
            tail += bins[i];
        }
        return (tail + 0.5) / (total + 1.0);
    }

    /** The share of what was seen that is about so large. */
    double share(long size) {
        return bins[bin(size)] / (total + 1.0);
    }

    /** About the size that this share of what was seen is below. */
    double quantile(double share) {
        double left = share * total;
        for (int i = 0; i < BINS; i++) {
            left -= bins[i];
            if (left <= 0) {
                return Math.pow(2, (i + 1) / 2.0) - 1;
            }
        }
        return Math.pow(2, BINS / 2.0);
    }

    private static int bin(long size) {
        double octave = Math.log1p(Math.max(0, size)) / Math.log(2);
        return (int) Math.min(BINS - 1, Math.round(2 * octave));
    }
}
