package atlas.node.engine.embedded;

import atlas.node.engine.Sampling;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Chooses the next token of one request. Equal seeds and logits give equal choices. */
final class Sampler {
    private final Sampling sampling;
    private final SplittableRandom random;
    private final Map<Integer, Integer> used = new HashMap<>();
    private float[] work = new float[0];
    private int[] order = new int[0];
    private float logprob;

    Sampler(Sampling sampling, SecureRandom seeds) {
        this.sampling = sampling;
        random = new SplittableRandom(sampling.seed().orElseGet(() -> fresh(seeds)));
    }

    private static long fresh(SecureRandom seeds) {
        byte[] bytes = new byte[Long.BYTES];
        seeds.nextBytes(bytes);
        return ByteBuffer.wrap(bytes).getLong();
    }

    /** Takes a token by the logits at {@code from}. */
    int next(float[] logits, int from, int count) {
        if (work.length != count) {
            work = new float[count];
        }
        System.arraycopy(logits, from, work, 0, count);
        double total = logSum(work, count);
        penalise();
        int token = sampling.temperature() == 0 ? largest(count) : draw(count);
        logprob = (float) (logits[from + token] - total);
        used.merge(token, 1, Integer::sum);
        return token;
    }

    /** The log probability of the last token, before penalties and temperature. */
    float logprob() {
        return logprob;
    }

    private static double logSum(float[] values, int count) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            max = Math.max(max, values[i]);
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(values[i] - max);
        }
        return max + Math.log(sum);
    }

    private void penalise() {
        if (sampling.frequencyPenalty() == 0 && sampling.presencePenalty() == 0) {
            return;
        }
        used.forEach((token, times) ->
                work[token] -=
                        (float) (times * sampling.frequencyPenalty() + sampling.presencePenalty()));
    }

    private int largest(int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (work[i] > work[best]) {
                best = i;
            }
        }
        return best;
    }

    private int draw(int count) {
        int kept = candidates(count);
        double max = work[order[0]];
        double[] shares = new double[kept];
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            shares[i] = Math.exp((work[order[i]] - max) / sampling.temperature());
            sum += shares[i];
        }
        kept = nucleus(shares, kept, sum);
        sum = 0;
        for (int i = 0; i < kept; i++) {
            sum += shares[i];
        }
        double at = random.nextDouble() * sum;
        for (int i = 0; i < kept; i++) {
            at -= shares[i];
            if (at < 0) {
                return order[i];
            }
        }
        return order[kept - 1];
    }

    /** How many of the likeliest make up {@code top_p}; at least one. */
    private int nucleus(double[] shares, int kept, double sum) {
        if (sampling.topP() >= 1) {
            return kept;
        }
        double enough = sampling.topP() * sum;
        double seen = 0;
        for (int i = 0; i < kept; i++) {
            seen += shares[i];
            if (seen >= enough) {
                return i + 1;
            }
        }
        return kept;
    }

    /** Puts the likeliest tokens first in {@link #order}; equal ones by number. */
    private int candidates(int count) {
        if (order.length != count) {
            order = new int[count];
        }
        long[] keys = new long[count];
        for (int i = 0; i < count; i++) {
            int bits = Float.floatToIntBits(work[i]);
            // Makes the bits of floats sort like the floats, largest first.
            int rank = bits < 0 ? bits & Integer.MAX_VALUE : ~bits;
            keys[i] = (long) rank << 32 | i;
        }
        java.util.Arrays.sort(keys);
        for (int i = 0; i < count; i++) {
            order[i] = (int) keys[i];
        }
        return sampling.topK() > 0 ? Math.min(sampling.topK(), count) : count;
    }
}
