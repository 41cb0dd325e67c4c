package atlas.node.trainer;

import atlas.node.trainer.Gemm.View;

/** Causal attention with grouped keys, one layer's worth of state. */
final class Attention {
    final Linear query;
    final Linear key;
    final Linear value;
    final Linear output;
    private final Shape shape;
    private final Gemm gemm;
    private final Rope rope;
    private final float[] q;
    private final float[] k;
    private final float[] v;
    private final float[] mixed;
    private final float[] weights;
    private final Scratch scratch;

    /** Buffers that layers share because only one of them is going backward at a time. */
    static final class Scratch {
        final float[] dq;
        final float[] dk;
        final float[] dv;
        final float[] dMixed;
        final float[] scores;

        Scratch(Shape s) {
            dq = new float[s.batchTokens() * s.width()];
            dMixed = new float[s.batchTokens() * s.width()];
            dk = new float[s.batchTokens() * s.keyWidth()];
            dv = new float[s.batchTokens() * s.keyWidth()];
            scores = new float[s.batchLength() * s.batchLength()];
        }
    }

    Attention(Linear[] projections, Shape shape, Gemm gemm, Rope rope, Scratch scratch) {
        query = projections[0];
        key = projections[1];
        value = projections[2];
        output = projections[3];
        this.shape = shape;
        this.gemm = gemm;
        this.rope = rope;
        this.scratch = scratch;
        int tokens = shape.batchTokens();
        q = new float[tokens * shape.width()];
        mixed = new float[tokens * shape.width()];
        k = new float[tokens * shape.keyWidth()];
        v = new float[tokens * shape.keyWidth()];
        weights = new float[tokens * shape.heads() * shape.batchLength()];
    }

    void forward(float[] x, float[] y, Shape.Span span) {
        int tokens = span.tokens();
        query.forward(x, q, tokens);
        key.forward(x, k, tokens);
        value.forward(x, v, tokens);
        rope.turn(q, shape.heads(), span, 1);
        rope.turn(k, shape.keyHeads(), span, 1);
        for (int s = 0; s < span.sequences(); s++) {
            for (int h = 0; h < shape.heads(); h++) {
                head(s, h, span.length());
            }
        }
        output.forward(mixed, y, tokens);
    }

    private View heads(float[] values, int sequence, int head, int length, int width) {
        return View.rows(values, sequence * length * width + head * shape.headWidth(), width);
    }

    private View weightsOf(int sequence, int head, int length) {
        return View.rows(weights, (sequence * shape.heads() + head) * length * length, length);
    }

    private int keyHead(int head) {
        return head / (shape.heads() / shape.keyHeads());
    }

    private void head(int s, int h, int length) {
        int width = shape.headWidth();
        View keys = heads(k, s, keyHead(h), length, shape.keyWidth());
        View values = heads(v, s, keyHead(h), length, shape.keyWidth());
        View w = weightsOf(s, h, length);
        View queries = heads(q, s, h, length, shape.width());
        gemm.multiply(queries, keys.transposed(), w, length, width, length, false);
        softmax(w.offset(), length);
        View out = heads(mixed, s, h, length, shape.width());
        gemm.multiply(w, values, out, length, length, width, false);
    }

    private float scale() {
        return (float) (1 / Math.sqrt(shape.headWidth()));
    }

    private void softmax(int offset, int length) {
        float scale = scale();
        for (int i = 0; i < length; i++) {
            int o = offset + i * length;
            float max = -1e30f;
            for (int j = 0; j <= i; j++) {
                max = Math.max(max, weights[o + j]);
            }
            float sum = 0;
            for (int j = 0; j <= i; j++) {
                weights[o + j] = Ops.exp((weights[o + j] - max) * scale);
                sum += weights[o + j];
            }
            for (int j = 0; j < length; j++) {
                weights[o + j] = j <= i ? weights[o + j] / sum : 0;
            }
        }
    }

    /** {@code dx} becomes the gradient of the input. */
    void backward(float[] x, float[] dy, float[] dx, Shape.Span span) {
        int tokens = span.tokens();
        output.backward(mixed, dy, scratch.dMixed, tokens, false);
        Gemm.clear(scratch.dk, tokens * shape.keyWidth());
        Gemm.clear(scratch.dv, tokens * shape.keyWidth());
        for (int s = 0; s < span.sequences(); s++) {
            for (int h = 0; h < shape.heads(); h++) {
                headBackward(s, h, span.length());
            }
        }
        rope.turn(scratch.dq, shape.heads(), span, -1);
        rope.turn(scratch.dk, shape.keyHeads(), span, -1);
        query.backward(x, scratch.dq, dx, tokens, false);
        key.backward(x, scratch.dk, dx, tokens, true);
        value.backward(x, scratch.dv, dx, tokens, true);
    }

    private void headBackward(int s, int h, int length) {
        int width = shape.headWidth();
        int kw = shape.keyWidth();
        View w = weightsOf(s, h, length);
        View d = heads(scratch.dMixed, s, h, length, shape.width());
        View values = heads(v, s, keyHead(h), length, kw);
        View scores = View.rows(scratch.scores, length);
        gemm.multiply(d, values.transposed(), scores, length, width, length, false);
        View dValues = heads(scratch.dv, s, keyHead(h), length, kw);
        gemm.multiply(w.transposed(), d, dValues, length, length, width, true);
        softmaxBackward(w.offset(), length);
        View keys = heads(k, s, keyHead(h), length, kw);
        View dQueries = heads(scratch.dq, s, h, length, shape.width());
        gemm.multiply(scores, keys, dQueries, length, length, width, false);
        View queries = heads(q, s, h, length, shape.width());
        View dKeys = heads(scratch.dk, s, keyHead(h), length, kw);
        gemm.multiply(scores.transposed(), queries, dKeys, length, length, width, true);
    }

    private void softmaxBackward(int offset, int length) {
        float scale = scale();
        float[] d = scratch.scores;
        for (int i = 0; i < length; i++) {
            int o = offset + i * length;
            int e = i * length;
            float dot = 0;
            for (int j = 0; j <= i; j++) {
                dot += d[e + j] * weights[o + j];
            }
            for (int j = 0; j < length; j++) {
                d[e + j] = j <= i ? scale * weights[o + j] * (d[e + j] - dot) : 0;
            }
        }
    }
}
