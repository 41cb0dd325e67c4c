package atlas.guard.model;

import atlas.core.Pool;
import atlas.guard.signature.Signatures;
import atlas.guard.text.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A trained classifier. A window of a few blocks scores the sum of its n-gram weights over the
 * square root of their number, plus the weights of the signatures and marks in it; a text scores as
 * its worst window in its worst view. Wide windows see sentences in context, narrow ones see a line
 * that hides in a page. Immutable and thread-safe.
 */
public final class LinearModel {
    /** Blocks in the wide and in the narrow windows; both move on by one block. */
    private static final int[] WIDTHS = {4, 2};

    private final byte[] ngrams;
    private final float[] scale;
    private final float[][] dense;
    private final float[] bias;
    private final float[] threshold;
    private final Pool<Scratch> spare = new Pool<>(Scratch::new);

    /**
     * @param ngrams for each bucket one weight per head, side by side
     * @param scale per head, what a weight of 1 stands for
     * @param dense per head and feature
     * @param threshold per channel, the margin at which the shipped model blocks
     */
    LinearModel(byte[] ngrams, float[] scale, float[][] dense, float[] bias, float[] threshold) {
        this.ngrams = ngrams;
        this.scale = scale;
        this.dense = dense;
        this.bias = bias;
        this.threshold = threshold;
    }

    /**
     * What the heads think of a text together, above the threshold of the channel it came by; they
     * know more than either alone. Without a head the channel is unknown.
     */
    public Worst judge(Reading.All text, @Nullable Head channel, Signatures signatures) {
        Worst speaker = new Worst(Double.NEGATIVE_INFINITY, 0, 0);
        Worst carried = speaker;
        for (Reading reading : text.readings()) {
            Sums sums = sum(reading);
            speaker = worst(reading, sums, text.marks(), Head.SPEAKER, signatures, speaker);
            carried = worst(reading, sums, text.marks(), Head.CARRIED, signatures, carried);
        }
        float limit =
                channel == null ? (threshold[0] + threshold[1]) / 2 : threshold[channel.ordinal()];
        Worst place = channel == Head.CARRIED ? carried : speaker;
        double margin = (speaker.margin() + carried.margin()) / 2 - limit;
        return new Worst(margin, place.start(), place.end());
    }

    /** The worst window of a text: its margin and where it is. */
    public record Worst(double margin, int start, int end) {}

    private Worst worst(
            Reading reading,
            Sums blockSums,
            Set<Mark> marks,
            Head head,
            Signatures signatures,
            Worst before) {
        int[] sums = head == Head.SPEAKER ? blockSums.speaker() : blockSums.carried();
        int[] counts = blockSums.counts();
        long[] bits = new long[Dense.words(signatures)];
        double best = before.margin();
        int at = -1;
        int last = 0;
        for (Window window : windows(counts.length)) {
            long sum = 0;
            int count = 0;
            for (int b = window.first(); b < window.end(); b++) {
                sum += sums[b];
                count += counts[b];
            }
            reading.evidence().collect(window.first(), window.end(), bits);
            Dense.add(bits, marks, reading.view().layer(), signatures);
            double margin =
                    scale[head.ordinal()] * sum / Math.sqrt(Math.max(1, count))
                            + dense(bits, head)
                            + bias[head.ordinal()];
            if (margin > best) {
                best = margin;
                at = window.first();
                last = window.end();
            }
        }
        return at < 0 ? before : placed(reading, best, at, last);
    }

    /** A window over blocks, from {@code first} to before {@code end}. */
    public record Window(int first, int end) {}

    /** The windows of a view of so many blocks. */
    public static List<Window> windows(int blocks) {
        List<Window> windows = new ArrayList<>(2 * blocks);
        for (int width : WIDTHS) {
            if (width == WIDTHS[0] || width < blocks) {
                for (int first = 0; first == 0 || first + width <= blocks; first++) {
                    windows.add(new Window(first, Math.min(blocks, first + width)));
                }
            }
        }
        return windows;
    }

    private static Worst placed(Reading reading, double margin, int firstBlock, int endBlock) {
        int length = reading.view().length();
        if (length == 0) {
            return new Worst(margin, 0, 0);
        }
        int from = Math.min(length - 1, firstBlock * Reading.BLOCK);
        int to = Math.min(length, endBlock * Reading.BLOCK) - 1;
        int start = Math.min(reading.view().start(from), reading.view().start(to));
        int end = Math.max(reading.view().end(from), reading.view().end(to));
        return new Worst(margin, start, end);
    }

    /** For each block the sums of the n-gram weights of both heads, and how many n-grams. */
    private record Sums(int[] speaker, int[] carried, int[] counts) {}

    /** Room to work in that outlives a text and says nothing about it but hashes. */
    private static final class Scratch {
        private final Ngrams.Seen seen = new Ngrams.Seen();
        private final int[] buckets = new int[Reading.BLOCK * Ngrams.PER_CHARACTER + 2];
    }

    private Sums sum(Reading reading) {
        int blocks = reading.blocks();
        Sums sums = new Sums(new int[blocks], new int[blocks], new int[blocks]);
        Scratch scratch = spare.take();
        Ngrams walk = new Ngrams(reading.view(), scratch.seen);
        int[] buckets = scratch.buckets;
        for (int b = 0; b < blocks; b++) {
            int count = walk.fill(Reading.BLOCK, buckets);
            int speaker = 0;
            int carried = 0;
            for (int i = 0; i < count; i++) {
                int at = buckets[i] * 2;
                speaker += ngrams[at];
                carried += ngrams[at + 1];
            }
            sums.speaker[b] = speaker;
            sums.carried[b] = carried;
            sums.counts[b] = count;
        }
        spare.give(scratch);
        return sums;
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
