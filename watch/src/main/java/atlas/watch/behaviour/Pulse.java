package atlas.watch.behaviour;

/**
 * Answers of exactly the same length that come at a steady pace: somebody asks by a clock for as
 * much as it gets each time. Follows the lengths seen last, each with its pace; what comes in
 * between is let pass while it is little. Not thread-safe.
 */
final class Pulse {
    private static final int SLOTS = 10;
    private static final double TOLERANCE = 0.2;

    private final int[] lengths = new int[SLOTS];
    private final int[] lasts = new int[SLOTS];
    private final int[] starts = new int[SLOTS];
    private final float[] gaps = new float[SLOTS];
    private final byte[] hits = new byte[SLOTS];
    private final byte[] strays = new byte[SLOTS];
    private int size;

    /** Notes an answer; how many gaps of the same length, in a row, its length has by now. */
    int note(long length, long second) {
        int key = (int) Math.min(Integer.MAX_VALUE, length);
        int now = (int) second;
        int at = find(key);
        if (at < 0) {
            at = size < SLOTS ? size++ : oldest();
            lengths[at] = key;
            begin(at, now);
            return 0;
        }
        int gap = now - lasts[at];
        if (hits[at] == 0) {
            gaps[at] = gap;
            hits[at] = 1;
            starts[at] = lasts[at];
            lasts[at] = now;
        } else if (Math.abs(gap - gaps[at]) <= TOLERANCE * gaps[at] && gap > 0) {
            gaps[at] += 0.2f * (gap - gaps[at]);
            hits[at] = (byte) Math.min(Byte.MAX_VALUE, hits[at] + 1);
            lasts[at] = now;
        } else if (gap < gaps[at] && strays[at] < hits[at] / 3) {
            strays[at]++;
        } else {
            gaps[at] = gap;
            hits[at] = 1;
            strays[at] = 0;
            starts[at] = lasts[at];
            lasts[at] = now;
        }
        return hits[at];
    }

    /** When the run of this length began, in seconds. */
    long start(long length) {
        int at = find((int) Math.min(Integer.MAX_VALUE, length));
        return at < 0 ? 0 : starts[at];
    }

    /** The pace of this length, in seconds. */
    double gap(long length) {
        int at = find((int) Math.min(Integer.MAX_VALUE, length));
        return at < 0 ? 0 : gaps[at];
    }

    private void begin(int at, int now) {
        lasts[at] = now;
        starts[at] = now;
        gaps[at] = 0;
        hits[at] = 0;
        strays[at] = 0;
    }

    private int find(int length) {
        for (int i = 0; i < size; i++) {
            if (lengths[i] == length) {
                return i;
            }
        }
        return -1;
    }

    private int oldest() {
        int oldest = 0;
        for (int i = 1; i < size; i++) {
            if (lasts[i] < lasts[oldest]) {
                oldest = i;
            }
        }
        return oldest;
    }
}
