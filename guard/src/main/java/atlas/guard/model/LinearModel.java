package atlas.guard.model;

import atlas.guard.signature.Signatures;
import atlas.guard.text.Mark;
import java.util.Set;

/**
 * A trained classifier. A window of a few blocks scores the sum of its n-gram weights over the
 * square root of their number, plus the weights of the signatures and marks in it; a text scores as
 * its worst window in its worst view. Immutable and thread-safe.
 */
public final class LinearModel {
    /** Blocks in a window; windows move on by one block. */
    public static final int WINDOW = 4;

    private final byte[] ngrams;
    private final float[] scale;
    private final float[][] dense;
    private final float[] bias;
    private final float[] threshold;

    /**
     * @param ngrams for each bucket one weight per head, side by side
     * @param scale per head, what a weight of 1 stands for
     * @param dense per head and feature
     * @param threshold per head, the margin at which the shipped model blocks
     */
    LinearModel(byte[] ngrams, float[] scale, float[][] dense, float[] bias, float[] threshold) {
        this.ngrams = ngrams;
        this.scale = scale;
        this.dense = dense;
        this.bias = bias;
        this.threshold = threshold;
    }

    /** The worst window of a text: its margin above the threshold, and where it is. */
    public record Worst(double margin, int start, int end) {}

    /** Judges a text as one head sees it. */
    public Worst worst(Reading.All text, Head head, Signatures signatures) {
        Worst worst = new Worst(Double.NEGATIVE_INFINITY, 0, 0);
        for (Reading reading : text.readings()) {
            worst = worst(reading, text.marks(), head, signatures, worst);
        }
        return worst;
    }

    private Worst worst(
            Reading reading, Set<Mark> marks, Head head, Signatures signatures, Worst before) {
        int blocks = reading.blocks();
        int[] sums = new int[blocks];
        int[] counts = new int[blocks];
        sum(reading, head, sums, counts);
        long[] bits = new long[Dense.words(signatures)];
        double best = before.margin();
        int at = -1;
        int windows = Math.max(1, blocks - WINDOW + 1);
        for (int first = 0; first < windows; first++) {
            int end = Math.min(blocks, first + WINDOW);
            long sum = 0;
            int count = 0;
            for (int b = first; b < end; b++) {
                sum += sums[b];
                count += counts[b];
            }
            reading.evidence().collect(first, end, bits);
            Dense.add(bits, marks, reading.view().layer(), signatures);
            double margin =
                    scale[head.ordinal()] * sum / Math.sqrt(Math.max(1, count))
                            + dense(bits, head)
                            + bias[head.ordinal()]
                            - threshold[head.ordinal()];
            if (margin > best) {
                best = margin;
                at = first;
            }
        }
        return at < 0 ? before : placed(reading, best, at);
    }

    private static Worst placed(Reading reading, double margin, int firstBlock) {
        int length = reading.view().length();
        if (length == 0) {
            return new Worst(margin, 0, 0);
        }
        int from = Math.min(length - 1, firstBlock * Reading.BLOCK);
        int to = Math.min(length, (firstBlock + WINDOW) * Reading.BLOCK) - 1;
        int start = Math.min(reading.view().start(from), reading.view().start(to));
        int end = Math.max(reading.view().end(from), reading.view().end(to));
        return new Worst(margin, start, end);
    }

    private void sum(Reading reading, Head head, int[] sums, int[] counts) {
        Ngrams walk = new Ngrams(reading.view());
        int[] buckets = new int[Reading.BLOCK * Ngrams.PER_CHARACTER + 2];
        int offset = head.ordinal();
        for (int b = 0; b < sums.length; b++) {
            int count = walk.fill(Reading.BLOCK, buckets);
            int sum = 0;
            for (int i = 0; i < count; i++) {
                sum += ngrams[buckets[i] * 2 + offset];
            }
            sums[b] = sum;
            counts[b] = count;
        }
    }

    private double dense(long[] bits, Head head) {
        float[] weights = dense[head.ordinal()];
        double sum = 0;
        for (int w = 0; w < bits.length; w++) {
            for (long left = bits[w]; left != 0; left &= left - 1) {
                sum += weights[(w << 6) + Long.numberOfTrailingZeros(left)];
            }
        }
        return sum;
    }
}
