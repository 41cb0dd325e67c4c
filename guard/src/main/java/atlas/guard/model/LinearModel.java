package atlas.guard.model;

import atlas.core.Pool;
import atlas.guard.model.Margins.Worst;
import atlas.guard.signature.Signatures;
import atlas.guard.text.Mark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
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
    private final Pool<Scratch> spare = new Pool<>(Scratch::new);

    LinearModel(Linear weights) {
        this.ngrams = weights.ngrams();
        this.scale = weights.scale();
        this.dense = weights.dense();
        this.bias = weights.bias();
    }

    /** What each head thinks of a text. */
    public Margins judge(Reading.All text, Signatures signatures) {
        Best speaker = new Best();
        Best carried = new Best();
        for (Reading reading : text.readings()) {
            each(
                    reading,
                    text.marks(),
                    signatures,
                    (first, end, one, other) -> {
                        speaker.take(reading, one, first, end);
                        carried.take(reading, other, first, end);
                    });
        }
        return new Margins(speaker.worst(), carried.worst());
    }

    /** How many blocks a stretch of a view has, and how many stretches are wanted at most. */
    record Stretches(int blocks, int most) {}

    /** The first blocks of the stretches with the worst windows, the worst one first. */
    List<Integer> worstStretches(
            Reading reading, Set<Mark> marks, Signatures signatures, Stretches wanted) {
        int count = (reading.blocks() + wanted.blocks() - 1) / wanted.blocks();
        double[] worst = new double[count];
        Arrays.fill(worst, Double.NEGATIVE_INFINITY);
        each(
                reading,
                marks,
                signatures,
                (first, end, one, other) -> {
                    int stretch = first / wanted.blocks();
                    worst[stretch] = Math.max(worst[stretch], one + other);
                });
        return IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparingDouble(stretch -> -worst[stretch]))
                .limit(wanted.most())
                .map(stretch -> stretch * wanted.blocks())
                .toList();
    }

    /** The worst window so far. */
    private static final class Best {
        private @Nullable Reading reading;
        private double margin = Double.NEGATIVE_INFINITY;
        private int first;
        private int end;

        void take(Reading where, double found, int from, int to) {
            if (found > margin) {
                reading = where;
                margin = found;
                first = from;
                end = to;
            }
        }

        Worst worst() {
            return reading == null ? new Worst(margin, 0, 0) : placed(reading, margin, first, end);
        }
    }

    /** Takes the margins of windows over blocks, from {@code first} to before {@code end}. */
    private interface Margined {
        void window(int first, int end, double speaker, double carried);
    }

    private void each(Reading reading, Set<Mark> marks, Signatures signatures, Margined margined) {
        Sums sums = sum(reading);
        long[] bits = new long[Dense.words(signatures)];
        int blocks = sums.counts.length;
        for (int width : WIDTHS) {
            if (width != WIDTHS[0] && width >= blocks) {
                continue;
            }
            for (int first = 0; first == 0 || first + width <= blocks; first++) {
                int end = Math.min(blocks, first + width);
                long speaker = 0;
                long carried = 0;
                int count = 0;
                for (int b = first; b < end; b++) {
                    speaker += sums.speaker[b];
                    carried += sums.carried[b];
                    count += sums.counts[b];
                }
                reading.evidence().collect(first, end, bits);
                Dense.add(bits, marks, reading.view().layer(), signatures);
                double root = Math.sqrt(Math.max(1, count));
                margined.window(
                        first,
                        end,
                        scale[0] * speaker / root + dense(bits, Head.SPEAKER) + bias[0],
                        scale[1] * carried / root + dense(bits, Head.CARRIED) + bias[1]);
            }
        }
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
