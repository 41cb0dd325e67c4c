package atlas.node.trainer;

import atlas.node.trainer.Gemm.View;

/** {@code y = x Wᵀ} and its gradients. */
final class Linear {
    final Parameter weight;
    private final Gemm gemm;

    Linear(Parameter weight, Gemm gemm) {
        this.weight = weight;
        this.gemm = gemm;
    }

    void forward(float[] x, float[] y, int tokens) {
        int in = weight.columns;
        int out = weight.rows;
        View w = View.rows(weight.value, in).transposed();
        gemm.multiply(View.rows(x, in), w, View.rows(y, out), tokens, in, out, false);
    }

    /** Gives {@code dx} (or adds to it) and adds to the weight's gradient. */
    void backward(float[] x, float[] dy, float[] dx, int tokens, boolean add) {
        int in = weight.columns;
        int out = weight.rows;
        View d = View.rows(dy, out);
        gemm.multiply(d, View.rows(weight.value, in), View.rows(dx, in), tokens, out, in, add);
        View g = View.rows(weight.gradient, in);
        gemm.multiply(d.transposed(), View.rows(x, in), g, out, tokens, in, true);
    }
}
