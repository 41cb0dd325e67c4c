package atlas.node.trainer;

import java.util.List;

/**
 * InfoNCE over pairs of texts: each text of one half must be nearest to its partner in the other
 * half. A text's vector is the mean of its tokens' states, made a unit vector.
 */
final class ContrastiveLoss {
    private static final float TEMPERATURE = .07f;

    private final Transformer model;
    private final float[] dHidden;
    private int[] ids = new int[0];
    private int[] lengths = new int[0];
    private float[][] units = new float[0][];
    private float[] norms = new float[0];
    private Shape.Span span = new Shape.Span(1, 16);

    ContrastiveLoss(Transformer model) {
        this.model = model;
        dHidden = new float[model.shape.batchTokens() * model.shape.width()];
    }

    /** The unit vectors of the texts. */
    float[][] embed(List<int[]> texts) {
        int longest = texts.stream().mapToInt(t -> t.length).max().orElseThrow();
        int padded = Math.min(model.shape.batchLength(), Math.ceilDiv(longest, 16) * 16);
        span = new Shape.Span(texts.size(), padded);
        ids = new int[span.tokens()];
        lengths = new int[texts.size()];
        for (int s = 0; s < lengths.length; s++) {
            lengths[s] = Math.min(padded, texts.get(s).length);
            System.arraycopy(texts.get(s), 0, ids, s * padded, lengths[s]);
        }
        float[] hidden = model.forward(ids, span);
        units = new float[lengths.length][];
        norms = new float[lengths.length];
        for (int s = 0; s < lengths.length; s++) {
            pool(hidden, s);
        }
        return units;
    }

    private void pool(float[] hidden, int s) {
        int width = model.shape.width();
        float[] mean = new float[width];
        for (int t = 0; t < lengths[s]; t++) {
            int at = (s * span.length() + t) * width;
            for (int i = 0; i < width; i++) {
                mean[i] += hidden[at + i] / lengths[s];
            }
        }
        norms[s] = (float) Math.sqrt(dot(mean, mean));
        for (int i = 0; i < width; i++) {
            mean[i] /= norms[s];
        }
        units[s] = mean;
    }

    static float dot(float[] a, float[] b) {
        float sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /**
     * Loss of the batch, in which text {@code i} belongs to text {@code i + n/2}; adds gradients.
     */
    double learn(List<int[]> texts) {
        embed(texts);
        int n = texts.size() / 2;
        float[][] scores = new float[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                scores[i][j] = dot(units[i], units[n + j]) / TEMPERATURE;
            }
        }
        float[][] d = new float[n][n];
        double loss = 0;
        for (int i = 0; i < n; i++) {
            loss += rowLoss(scores, d, i, false) + rowLoss(scores, d, i, true);
        }
        backward(d, n);
        return loss / (2 * n);
    }

    /** Cross entropy of one row (or column) of scores; adds its gradient to {@code d}. */
    private static double rowLoss(float[][] scores, float[][] d, int i, boolean column) {
        int n = scores.length;
        float max = -1e30f;
        for (int j = 0; j < n; j++) {
            max = Math.max(max, column ? scores[j][i] : scores[i][j]);
        }
        float[] shares = new float[n];
        float sum = 0;
        for (int j = 0; j < n; j++) {
            shares[j] = Ops.exp((column ? scores[j][i] : scores[i][j]) - max);
            sum += shares[j];
        }
        for (int j = 0; j < n; j++) {
            float g = (shares[j] / sum - (i == j ? 1 : 0)) / (2 * n);
            if (column) {
                d[j][i] += g;
            } else {
                d[i][j] += g;
            }
        }
        return max + Math.log(sum) - scores[i][i];
    }

    private void backward(float[][] d, int n) {
        int width = model.shape.width();
        Gemm.clear(dHidden, span.tokens() * width);
        for (int s = 0; s < 2 * n; s++) {
            float[] du = new float[width];
            for (int j = 0; j < n; j++) {
                float g = (s < n ? d[s][j] : d[j][s - n]) / TEMPERATURE;
                float[] other = units[s < n ? n + j : j];
                for (int i = 0; i < width; i++) {
                    du[i] += g * other[i];
                }
            }
            // The length of the mean does not count, so its direction's share is taken out.
            float along = dot(du, units[s]);
            for (int t = 0; t < lengths[s]; t++) {
                int at = (s * span.length() + t) * width;
                for (int i = 0; i < width; i++) {
                    dHidden[at + i] = (du[i] - along * units[s][i]) / (norms[s] * lengths[s]);
                }
            }
        }
        model.backward(ids, dHidden, span);
    }
}
