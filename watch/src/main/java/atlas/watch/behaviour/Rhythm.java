package atlas.watch.behaviour;

/**
 * How often a principal acts: counts of five minutes, the last half hour one by one, older ones
 * folded into a local mean of some hours and an envelope for each half hour of the day. Buckets
 * that were called abnormal are folded as what was expected. Not thread-safe.
 */
final class Rhythm {
    static final long BUCKET = 300;
    static final int WINDOW = 6;
    private static final int SLOTS = 48;
    private static final float LOCAL = 1f / 72;
    private static final float PEAK_FADE = 0.9995f;
    private static final int LONGEST = 7 * 288;

    private final float[] envelope = new float[SLOTS];
    // The last half hour and the bucket being filled, in a ring by bucket number.
    private final short[] counts = new short[WINDOW + 1];
    private long first = Long.MIN_VALUE;
    private long bucket;
    private float local;
    private long lastBusy = Long.MIN_VALUE;
    private float smooth;
    private float peak;
    private float agreed;
    private float differed;
    private float slotSum;
    private short slotBuckets;
    private long abnormalUntil;

    /** Turns to the time of an act. */
    void turnTo(long second) {
        long now = Math.floorDiv(second, BUCKET);
        if (first == Long.MIN_VALUE) {
            first = now;
            bucket = now;
        }
        if (now - bucket > LONGEST) {
            bucket = now - LONGEST;
        }
        while (bucket < now) {
            bucket++;
            int at = ring(bucket);
            fold(bucket - counts.length, counts[at]);
            counts[at] = 0;
        }
    }

    void count() {
        int at = ring(bucket);
        if (counts[at] < Short.MAX_VALUE) {
            counts[at]++;
        }
    }

    /** Acts in one of the last buckets; 0 is the one being filled. */
    int recent(int back) {
        return counts[ring(bucket - back)];
    }

    /** What is expected in a bucket now: the higher of the local mean and the day's envelope. */
    double expected() {
        return Math.max(local, seasonal());
    }

    /** About the most it did in half an hour, of what is older than that. */
    double peak() {
        return peak;
    }

    /** The highest envelope of the half hours around this one. */
    double seasonal() {
        int slot = slot(bucket);
        float sum = 0;
        for (int i = -2; i <= 2; i++) {
            sum += envelope[Math.floorMod(slot + i, SLOTS)];
        }
        return sum / 5;
    }

    /** The envelope of this half hour alone and of the one on each side, as a mean. */
    double seasonalNear() {
        return seasonalNear(slot(bucket));
    }

    private double seasonalNear(int slot) {
        float sum = 0;
        for (int i = -1; i <= 1; i++) {
            sum += envelope[Math.floorMod(slot + i, SLOTS)];
        }
        return sum / 3;
    }

    /** The second at which the bucket being filled began. */
    long second() {
        return bucket * BUCKET;
    }

    /** The share of its acts that lay at a time of day at which it was known to act. */
    double regularity() {
        return agreed / (agreed + differed + 10);
    }

    /** Seconds since it last acted, the last half hour left out. */
    long silence() {
        return (bucket - Math.max(first, lastBusy)) * BUCKET;
    }

    /** Seconds since the first act. */
    long age() {
        return first == Long.MIN_VALUE ? 0 : (bucket - first) * BUCKET;
    }

    /** The acts of this half hour are not to be learned from. */
    void abnormal() {
        abnormalUntil = bucket + WINDOW;
    }

    private void fold(long number, int count) {
        if (number < first) {
            return;
        }
        float value = count;
        if (number <= abnormalUntil) {
            value = Math.min(value, (float) expected());
        }
        if (count > 1) {
            lastBusy = number;
        }
        float weight = Math.max(LOCAL, 1f / (number - first + 1));
        local += weight * (value - local);
        smooth = smooth * (WINDOW - 1) / WINDOW + value;
        peak = Math.max(PEAK_FADE * peak, smooth);
        slotSum += value;
        slotBuckets++;
        if (slot(number) != slot(number + 1)) {
            int slot = slot(number);
            float mean = slotSum / slotBuckets;
            if (mean > 0 && number - first > 288) {
                agreed *= 0.99f;
                differed *= 0.99f;
                if (seasonalNear(slot) > 0) {
                    agreed += slotSum;
                } else {
                    differed += slotSum;
                }
            }
            // Rises at once, falls slowly: a day that was quiet does not make the next one loud.
            envelope[slot] = Math.max(mean, 0.7f * envelope[slot] + 0.3f * mean);
            slotSum = 0;
            slotBuckets = 0;
        }
    }

    private static int slot(long number) {
        return (int) Math.floorMod(Math.floorDiv(number, WINDOW), (long) SLOTS);
    }

    private int ring(long number) {
        return (int) Math.floorMod(number, (long) counts.length);
    }
}
