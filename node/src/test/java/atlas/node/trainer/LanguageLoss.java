package atlas.node.trainer;

import atlas.node.trainer.Gemm.View;

/** Next-token cross entropy through the tied head, with a weight for every target. */
final class LanguageLoss {
    private final Transformer model;
    private final float[] logits;
    private final float[] dHidden;

    LanguageLoss(Transformer model) {
        this.model = model;
        Shape shape = model.shape;
        logits = new float[shape.batchTokens() * shape.vocabulary()];
        dHidden = new float[shape.batchTokens() * shape.width()];
    }

    /** A batch of token ids, what should follow each, and how much that counts. */
    record Batch(int[] ids, int[] targets, float[] weights, Shape.Span span) {}

    /** Mean loss of the batch; adds gradients when {@code learn}. */
    double apply(Batch batch, boolean learn) {
        int tokens = batch.span().tokens();
        float[] hidden = model.forward(batch.ids(), batch.span());
        Shape shape = model.shape;
        View h = View.rows(hidden, shape.width());
        View e = View.rows(model.embedding.value, shape.width());
        View l = View.rows(logits, shape.vocabulary());
        int width = shape.width();
        int vocabulary = shape.vocabulary();
        model.gemm.multiply(h, e.transposed(), l, tokens, width, vocabulary, false);
        double loss = softmax(batch);
        if (learn) {
            View d = View.rows(dHidden, width);
            model.gemm.multiply(l, e, d, tokens, vocabulary, width, false);
            View g = View.rows(model.embedding.gradient, width);
            model.gemm.multiply(l.transposed(), h, g, vocabulary, tokens, width, true);
            model.backward(batch.ids(), dHidden, batch.span());
        }
        return loss;
    }

    /** Leaves the gradient of the loss in place of the logits. */
    private double softmax(Batch batch) {
        int vocabulary = model.shape.vocabulary();
        double total = 0;
        for (float weight : batch.weights()) {
            total += weight;
        }
        double loss = 0;
        for (int n = 0; n < batch.span().tokens(); n++) {
            int o = n * vocabulary;
            float max = -1e30f;
            for (int j = 0; j < vocabulary; j++) {
                max = Math.max(max, logits[o + j]);
            }
            float target = logits[o + batch.targets()[n]] - max;
            float sum = 0;
            for (int j = 0; j < vocabulary; j++) {
                logits[o + j] = Ops.exp(logits[o + j] - max);
                sum += logits[o + j];
            }
            loss += batch.weights()[n] * (Math.log(sum) - target);
            float share = (float) (batch.weights()[n] / total);
            for (int j = 0; j < vocabulary; j++) {
                logits[o + j] *= share / sum;
            }
            logits[o + batch.targets()[n]] -= share;
        }
        return loss / total;
    }
}
