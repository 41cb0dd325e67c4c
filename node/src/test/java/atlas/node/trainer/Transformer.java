package atlas.node.trainer;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A llama-shaped network: token embeddings, blocks, a last norm; the head is tied. */
final class Transformer {
    final Shape shape;
    final Gemm gemm = new Gemm();
    final Parameter embedding;
    final Parameter outputNorm;
    private final List<Layer> layers = new ArrayList<>();
    private final float[] last;
    private final float[] hidden;
    private final float[] dx;

    Transformer(Shape shape, long seed) {
        this.shape = shape;
        Random random = new Random(seed);
        embedding = Parameter.matrix("token_embd", shape.vocabulary(), shape.width(), .02, random);
        outputNorm = Parameter.norm("output_norm", shape.width());
        Rope rope = new Rope(shape.batchLength(), shape.headWidth());
        Layer.Scratch scratch = new Layer.Scratch(shape);
        for (int i = 0; i < shape.layers(); i++) {
            layers.add(new Layer(i, shape, gemm, rope, scratch, random));
        }
        last = new float[shape.batchTokens() * shape.width()];
        hidden = new float[last.length];
        dx = new float[last.length];
    }

    /** Every trained array, in the order in which files list them. */
    List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(List.of(embedding, outputNorm));
        layers.forEach(layer -> all.addAll(layer.parameters()));
        return all;
    }

    /** The normed hidden state of every token; the array is reused by the next call. */
    float[] forward(int[] ids, Shape.Span span) {
        int width = shape.width();
        for (int n = 0; n < span.tokens(); n++) {
            System.arraycopy(
                    embedding.value, ids[n] * width, layers.get(0).input, n * width, width);
        }
        for (int i = 0; i < layers.size(); i++) {
            layers.get(i).forward(i + 1 < layers.size() ? layers.get(i + 1).input : last, span);
        }
        Ops.norm(last, outputNorm.value, hidden, span.tokens());
        return hidden;
    }

    /** Adds all gradients, given that of the hidden states of the last forward pass. */
    void backward(int[] ids, float[] dHidden, Shape.Span span) {
        int width = shape.width();
        Gemm.clear(dx, span.tokens() * width);
        Ops.normBackward(last, outputNorm, dHidden, dx, span.tokens());
        for (int i = layers.size() - 1; i >= 0; i--) {
            layers.get(i).backward(dx, span);
        }
        for (int n = 0; n < span.tokens(); n++) {
            for (int j = 0; j < width; j++) {
                embedding.gradient[ids[n] * width + j] += dx[n * width + j];
            }
        }
    }
}
