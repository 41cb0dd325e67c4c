package atlas.guard.train;

import atlas.guard.model.Dense;
import atlas.guard.model.Head;
import atlas.guard.model.Linear;
import atlas.guard.model.Ngrams;
import atlas.guard.signature.Signatures;
import java.util.Arrays;

/** Weights while they are learned, with the AdaGrad state of each. */
final class Weights {
    private static final int HEADS = Head.values().length;

    private final float[] ngrams = new float[Ngrams.BUCKETS * HEADS];
    private final float[] ngramSquares = new float[Ngrams.BUCKETS * HEADS];
    private final float[][] dense;
    private final float[][] denseSquares;
    private final float[] bias = new float[HEADS];

    private final boolean plain;

    Weights(Signatures signatures) {
        this(signatures, false);
    }

    /** Plain weights have n-grams and nothing else: what others are compared with. */
    Weights(Signatures signatures, boolean plain) {
        this.plain = plain;
        dense = new float[HEADS][Dense.count(signatures)];
        denseSquares = new float[HEADS][Dense.count(signatures)];
    }

    double margin(int[] buckets, int from, int to, long[] bits, Head head) {
        int h = head.ordinal();
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += ngrams[buckets[i] * HEADS + h];
        }
        double margin = sum / Math.sqrt(Math.max(1, to - from)) + bias[h];
        for (int w = 0; w < bits.length && !plain; w++) {
            for (long left = bits[w]; left != 0; left &= left - 1) {
                margin += dense[h][(w << 6) + Long.numberOfTrailingZeros(left)];
            }
        }
        return margin;
    }

    /** One step against the gradient {@code g} of the loss by the margin. */
    void step(int[] buckets, int from, int to, long[] bits, Head head, double g, Rates rates) {
        int h = head.ordinal();
        float each = (float) (g / Math.sqrt(Math.max(1, to - from)));
        float square = each * each;
        for (int i = from; i < to; i++) {
            int at = buckets[i] * HEADS + h;
            ngramSquares[at] += square;
            ngrams[at] -= (float) (rates.ngrams() * each / Math.sqrt(ngramSquares[at] + 1e-6));
        }
        for (int w = 0; w < bits.length && !plain; w++) {
            for (long left = bits[w]; left != 0; left &= left - 1) {
                int at = (w << 6) + Long.numberOfTrailingZeros(left);
                denseSquares[h][at] += (float) (g * g);
                dense[h][at] -= (float) (rates.dense() * g / Math.sqrt(denseSquares[h][at] + 1e-6));
            }
        }
        bias[h] -= (float) (0.01 * g);
    }

    /** Pulls all n-gram weights towards nothing, which keeps rare ones small. */
    void shrink(double factor) {
        for (int i = 0; i < ngrams.length; i++) {
            ngrams[i] *= (float) factor;
        }
    }

    float dense(Head head, int feature) {
        return dense[head.ordinal()][feature];
    }

    /** The weights as a file holds them: n-grams in eight bits. */
    Linear quantised() {
        byte[] small = new byte[ngrams.length];
        float[] scale = new float[HEADS];
        for (int h = 0; h < HEADS; h++) {
            float[] sizes = new float[Ngrams.BUCKETS];
            for (int i = 0; i < Ngrams.BUCKETS; i++) {
                sizes[i] = Math.abs(ngrams[i * HEADS + h]);
            }
            Arrays.sort(sizes);
            // The largest few weights are cut, so that the many small ones keep their digits.
            scale[h] = Math.max(1e-6f, sizes[(int) (Ngrams.BUCKETS * 0.9995)] / 127);
            for (int i = h; i < ngrams.length; i += HEADS) {
                small[i] = (byte) Math.clamp(Math.round(ngrams[i] / scale[h]), -127, 127);
            }
        }
        return new Linear(small, scale, dense, bias);
    }

    /** How fast to learn. */
    record Rates(double ngrams, double dense) {}
}
