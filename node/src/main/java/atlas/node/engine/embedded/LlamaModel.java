package atlas.node.engine.embedded;

import java.util.Arrays;

/**
 * The forward pass of a llama-family network over a batch of tokens that may belong to different
 * requests. Weights stay quantised where they lie; only one row at a time is unpacked. Used by one
 * thread at a time.
 */
final class LlamaModel {
    /** Most tokens in one pass. */
    static final int MAX_BATCH = 128;

    final LlamaShape shape;
    final int context;
    private final Kernels kernels;
    private final Tensor embedding;
    private final Tensor head;
    private final float[] outputNorm;
    private final Layer[] layers;
    private final float[] cos;
    private final float[] sin;
    private final float[] x;
    private final float[] h;
    private final float[] q;
    private final float[] k;
    private final float[] v;
    private final float[] mixed;
    private final float[] gate;
    private final float[] up;
    private final float[] scratch;
    private float[] weights = new float[256];
    private float[] logits = new float[0];

    /** One token to read: which, for whom, and whether its successor is wanted. */
    record Row(int token, KvCache cache, boolean wanted) {}

    private record Layer(
            float[] attentionNorm,
            Tensor query,
            Tensor key,
            Tensor value,
            Tensor output,
            float[] innerNorm,
            Tensor gate,
            Tensor up,
            Tensor down) {}

    /** Reads the shape and finds the tensors; {@code most} tokens of context are prepared for. */
    LlamaModel(GgufFile file, Kernels kernels, int most) {
        this.kernels = kernels;
        shape = LlamaShape.of(file);
        context = Math.min(most, shape.context());
        int width = shape.width();
        embedding = file.tensor("token_embd.weight", shape.vocabulary(), width);
        head =
                file.has("output.weight")
                        ? file.tensor("output.weight", shape.vocabulary(), width)
                        : embedding;
        outputNorm = norm(file, "output_norm.weight");
        layers = new Layer[shape.layers()];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = layer(file, "blk." + i + ".");
        }
        int half = shape.headWidth() / 2;
        cos = new float[Math.multiplyExact(context, half)];
        sin = new float[Math.multiplyExact(context, half)];
        fillAngles(half);
        x = new float[MAX_BATCH * width];
        h = new float[x.length];
        q = new float[x.length];
        mixed = new float[x.length];
        k = new float[MAX_BATCH * shape.keyWidth()];
        v = new float[k.length];
        gate = new float[MAX_BATCH * shape.inner()];
        up = new float[gate.length];
        scratch = new float[Math.max(width, shape.inner())];
    }

    private Layer layer(GgufFile file, String at) {
        int width = shape.width();
        int inner = shape.inner();
        for (String bias : new String[] {"attn_q.bias", "attn_k.bias", "attn_v.bias"}) {
            if (file.has(at + bias)) {
                throw new GgufException("attention with biases is not run by this engine");
            }
        }
        return new Layer(
                norm(file, at + "attn_norm.weight"),
                file.tensor(at + "attn_q.weight", width, width),
                file.tensor(at + "attn_k.weight", shape.keyWidth(), width),
                file.tensor(at + "attn_v.weight", shape.keyWidth(), width),
                file.tensor(at + "attn_output.weight", width, width),
                norm(file, at + "ffn_norm.weight"),
                file.tensor(at + "ffn_gate.weight", inner, width),
                file.tensor(at + "ffn_up.weight", inner, width),
                file.tensor(at + "ffn_down.weight", width, inner));
    }

    private float[] norm(GgufFile file, String name) {
        float[] values = new float[shape.width()];
        kernels.unpack(file.tensor(name, 1, shape.width()), 0, values, 0);
        return values;
    }

    private void fillAngles(int half) {
        for (int i = 0; i < half; i++) {
            double step = StrictMath.pow(shape.ropeBase(), -2.0 * i / shape.headWidth());
            for (int p = 0; p < context; p++) {
                cos[p * half + i] = (float) StrictMath.cos(p * step);
                sin[p * half + i] = (float) StrictMath.sin(p * step);
            }
        }
    }

    /** The name of the kernels in use. */
    String kernels() {
        return kernels.name();
    }

    /**
     * Reads a batch; rows of one request must be in order. Afterwards {@link #logits} and {@link
     * #hidden} tell about each row.
     *
     * @return for every row where its logits begin, or -1 when they were not wanted
     */
    int[] read(Row[] rows) {
        int n = rows.length;
        int width = shape.width();
        int[] positions = new int[n];
        for (int j = 0; j < n; j++) {
            kernels.unpack(embedding, rows[j].token(), x, j * width);
            positions[j] = rows[j].cache().append();
        }
        for (int l = 0; l < layers.length; l++) {
            attend(l, rows, positions);
            transform(layers[l], n);
        }
        normalise(x, outputNorm, h, n);
        return project(rows);
    }

    /** The logits of the last batch, as {@link #read} said. */
    float[] logits() {
        return logits;
    }

    /** The normed last states of the last batch, a row each. */
    float[] hidden() {
        return h;
    }

    private int[] project(Row[] rows) {
        int width = shape.width();
        int[] at = new int[rows.length];
        int wanted = 0;
        for (int j = 0; j < rows.length; j++) {
            at[j] = -1;
            if (rows[j].wanted()) {
                System.arraycopy(h, j * width, mixed, wanted * width, width);
                at[j] = wanted++ * shape.vocabulary();
            }
        }
        if (logits.length < wanted * shape.vocabulary()) {
            logits = new float[wanted * shape.vocabulary()];
        }
        if (wanted > 0) {
            kernels.multiply(head, mixed, wanted, logits, scratch);
        }
        return at;
    }

    private void attend(int l, Row[] rows, int[] positions) {
        int n = rows.length;
        int keyWidth = shape.keyWidth();
        Layer layer = layers[l];
        normalise(x, layer.attentionNorm, h, n);
        kernels.multiply(layer.query, h, n, q, scratch);
        kernels.multiply(layer.key, h, n, k, scratch);
        kernels.multiply(layer.value, h, n, v, scratch);
        for (int j = 0; j < n; j++) {
            turn(q, j * shape.width(), shape.heads(), positions[j]);
            turn(k, j * keyWidth, shape.keyHeads(), positions[j]);
            KvCache cache = rows[j].cache();
            int to = positions[j] * keyWidth;
            System.arraycopy(k, j * keyWidth, cache.keys[l], to, keyWidth);
            System.arraycopy(v, j * keyWidth, cache.values[l], to, keyWidth);
        }
        Arrays.fill(mixed, 0, n * shape.width(), 0);
        for (int j = 0; j < n; j++) {
            mix(rows[j].cache().keys[l], rows[j].cache().values[l], j, positions[j] + 1);
        }
        kernels.multiply(layer.output, mixed, n, h, scratch);
        kernels.addScaled(1, h, 0, x, 0, n * shape.width());
    }

    /** Softmax attention of one token over the {@code seen} tokens of its request. */
    private void mix(float[] keys, float[] values, int row, int seen) {
        int headWidth = shape.headWidth();
        int keyWidth = shape.keyWidth();
        int group = shape.heads() / shape.keyHeads();
        float scale = (float) (1 / Math.sqrt(headWidth));
        if (weights.length < seen) {
            weights = new float[Math.max(seen, weights.length * 2)];
        }
        for (int head0 = 0; head0 < shape.heads(); head0++) {
            int from = row * shape.width() + head0 * headWidth;
            int keyFrom = head0 / group * headWidth;
            float max = Float.NEGATIVE_INFINITY;
            for (int c = 0; c < seen; c++) {
                weights[c] = scale * kernels.dot(q, from, keys, c * keyWidth + keyFrom, headWidth);
                max = Math.max(max, weights[c]);
            }
            float sum = 0;
            for (int c = 0; c < seen; c++) {
                weights[c] = (float) Math.exp(weights[c] - max);
                sum += weights[c];
            }
            for (int c = 0; c < seen; c++) {
                int at = c * keyWidth + keyFrom;
                kernels.addScaled(weights[c] / sum, values, at, mixed, from, headWidth);
            }
        }
    }

    private void transform(Layer layer, int n) {
        normalise(x, layer.innerNorm, h, n);
        kernels.multiply(layer.gate, h, n, gate, scratch);
        kernels.multiply(layer.up, h, n, up, scratch);
        int count = n * shape.inner();
        for (int i = 0; i < count; i++) {
            gate[i] = gate[i] / (1 + (float) Math.exp(-gate[i])) * up[i];
        }
        kernels.multiply(layer.down, gate, n, h, scratch);
        kernels.addScaled(1, h, 0, x, 0, n * shape.width());
    }

    private void normalise(float[] from, float[] weight, float[] to, int n) {
        int width = shape.width();
        for (int j = 0; j < n; j++) {
            int at = j * width;
            float squares = kernels.dot(from, at, from, at, width);
            float scale = (float) (1 / Math.sqrt(squares / width + shape.epsilon()));
            for (int i = 0; i < width; i++) {
                to[at + i] = from[at + i] * scale * weight[i];
            }
        }
    }

    private void turn(float[] values, int from, int heads, int position) {
        int half = shape.headWidth() / 2;
        int row = position * half;
        for (int i = 0; i < heads * half; i++) {
            int at = from + 2 * i;
            float c = cos[row + i % half];
            float s = sin[row + i % half];
            float a = values[at];
            float b = values[at + 1];
            values[at] = a * c - b * s;
            values[at + 1] = a * s + b * c;
        }
    }

    /** Forgets the traces that the last batches left in the buffers. */
    void wipe() {
        for (float[] buffer :
                new float[][] {x, h, q, k, v, mixed, gate, up, scratch, weights, logits}) {
            Arrays.fill(buffer, 0);
        }
    }
}
