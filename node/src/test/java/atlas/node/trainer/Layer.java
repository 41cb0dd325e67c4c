package atlas.node.trainer;

import java.util.List;
import java.util.Random;

/** One transformer block: attention and a gated feed-forward, each on a normed residual stream. */
final class Layer {
    final Parameter attentionNorm;
    final Parameter innerNorm;
    final Attention attention;
    final Linear gate;
    final Linear up;
    final Linear down;
    final float[] input;
    private final Shape shape;
    private final float[] normed;
    private final float[] middle;
    private final float[] normedMiddle;
    private final float[] gates;
    private final float[] ups;
    private final float[] acts;
    private final Scratch scratch;

    /** Backward buffers, shared by all layers. */
    static final class Scratch {
        final Attention.Scratch attention;
        final float[] dActs;
        final float[] dGates;
        final float[] dUps;
        final float[] d;

        Scratch(Shape s) {
            attention = new Attention.Scratch(s);
            dActs = new float[s.batchTokens() * s.inner()];
            dGates = new float[s.batchTokens() * s.inner()];
            dUps = new float[s.batchTokens() * s.inner()];
            d = new float[s.batchTokens() * s.width()];
        }
    }

    Layer(int index, Shape shape, Gemm gemm, Rope rope, Scratch scratch, Random random) {
        this.shape = shape;
        this.scratch = scratch;
        String at = "blk." + index + ".";
        int width = shape.width();
        double residual = .04 / Math.sqrt(2.0 * shape.layers());
        attentionNorm = Parameter.norm(at + "attn_norm", width);
        Linear[] projections = {
            linear(at + "attn_q", width, width, .04, gemm, random),
            linear(at + "attn_k", shape.keyWidth(), width, .04, gemm, random),
            linear(at + "attn_v", shape.keyWidth(), width, .04, gemm, random),
            linear(at + "attn_output", width, width, residual, gemm, random)
        };
        attention = new Attention(projections, shape, gemm, rope, scratch.attention);
        innerNorm = Parameter.norm(at + "ffn_norm", width);
        gate = linear(at + "ffn_gate", shape.inner(), width, .04, gemm, random);
        up = linear(at + "ffn_up", shape.inner(), width, .04, gemm, random);
        down = linear(at + "ffn_down", width, shape.inner(), residual, gemm, random);
        input = new float[shape.batchTokens() * width];
        normed = new float[input.length];
        middle = new float[input.length];
        normedMiddle = new float[input.length];
        gates = new float[shape.batchTokens() * shape.inner()];
        ups = new float[gates.length];
        acts = new float[gates.length];
    }

    private static Linear linear(
            String name, int rows, int columns, double deviation, Gemm gemm, Random random) {
        return new Linear(Parameter.matrix(name, rows, columns, deviation, random), gemm);
    }

    List<Parameter> parameters() {
        return List.of(
                attentionNorm,
                attention.query.weight,
                attention.key.weight,
                attention.value.weight,
                attention.output.weight,
                innerNorm,
                gate.weight,
                up.weight,
                down.weight);
    }

    /** Reads {@link #input}, writes {@code out}. */
    void forward(float[] out, Shape.Span span) {
        int tokens = span.tokens();
        Ops.norm(input, attentionNorm.value, normed, tokens);
        attention.forward(normed, middle, span);
        Ops.add(input, middle, tokens * shape.width());
        Ops.norm(middle, innerNorm.value, normedMiddle, tokens);
        gate.forward(normedMiddle, gates, tokens);
        up.forward(normedMiddle, ups, tokens);
        Ops.gate(gates, ups, acts, tokens * shape.inner());
        down.forward(acts, out, tokens);
        Ops.add(middle, out, tokens * shape.width());
    }

    /** Turns the gradient of the output, in place, into that of the input. */
    void backward(float[] dx, Shape.Span span) {
        int tokens = span.tokens();
        int inner = tokens * shape.inner();
        down.backward(acts, dx, scratch.dActs, tokens, false);
        Ops.gateBackward(gates, ups, scratch.dActs, scratch.dGates, scratch.dUps, inner);
        gate.backward(normedMiddle, scratch.dGates, scratch.d, tokens, false);
        up.backward(normedMiddle, scratch.dUps, scratch.d, tokens, true);
        Ops.normBackward(middle, innerNorm, scratch.d, dx, tokens);
        attention.backward(normed, dx, scratch.d, span);
        Ops.normBackward(input, attentionNorm, scratch.d, dx, tokens);
    }
}
