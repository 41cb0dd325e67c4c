package atlas.node.trainer;

/** The element-wise steps of the network, forward and backward, with an exponential of our own. */
final class Ops {
    static final float EPSILON = 1e-5f;
    static final float ROPE_BASE = 10_000f;

    private Ops() {}

    /** e^x by a polynomial: the same bits on every machine, unlike {@link Math#exp}. */
    static float exp(float x) {
        if (x < -87) {
            return 0;
        }
        float t = x * 1.44269504f;
        int whole = Math.round(t);
        float f = (t - whole) * 0.69314718f;
        float tail = .041666668f + f * (.008333334f + f * .0013888889f);
        float p = 1 + f * (1 + f * (.5f + f * (.16666667f + f * tail)));
        return p * Float.intBitsToFloat((Math.min(whole, 127) + 127) << 23);
    }

    static void norm(float[] x, float[] weight, float[] y, int tokens) {
        int width = weight.length;
        for (int i = 0; i < tokens; i++) {
            int o = i * width;
            float scale = scale(x, o, width);
            for (int j = 0; j < width; j++) {
                y[o + j] = x[o + j] * scale * weight[j];
            }
        }
    }

    /** Adds the gradient of {@link #norm} to {@code dx} and to the weight's gradient. */
    static void normBackward(float[] x, Parameter weight, float[] dy, float[] dx, int tokens) {
        int width = weight.value.length;
        for (int i = 0; i < tokens; i++) {
            int o = i * width;
            float scale = scale(x, o, width);
            float dot = 0;
            for (int j = 0; j < width; j++) {
                float n = x[o + j] * scale;
                weight.gradient[j] += dy[o + j] * n;
                dot += dy[o + j] * weight.value[j] * n;
            }
            dot /= width;
            for (int j = 0; j < width; j++) {
                dx[o + j] += scale * (dy[o + j] * weight.value[j] - x[o + j] * scale * dot);
            }
        }
    }

    private static float scale(float[] x, int o, int width) {
        float sum = 0;
        for (int j = 0; j < width; j++) {
            sum += x[o + j] * x[o + j];
        }
        return (float) (1 / Math.sqrt(sum / width + EPSILON));
    }

    /** {@code out = silu(gate) * up}. */
    static void gate(float[] gate, float[] up, float[] out, int count) {
        for (int i = 0; i < count; i++) {
            out[i] = gate[i] / (1 + exp(-gate[i])) * up[i];
        }
    }

    /** Turns {@code dOut} into the gradients of gate and up. */
    static void gateBackward(
            float[] gate, float[] up, float[] dOut, float[] dGate, float[] dUp, int count) {
        for (int i = 0; i < count; i++) {
            float sigmoid = 1 / (1 + exp(-gate[i]));
            dUp[i] = dOut[i] * gate[i] * sigmoid;
            dGate[i] = dOut[i] * up[i] * sigmoid * (1 + gate[i] * (1 - sigmoid));
        }
    }

    static void add(float[] from, float[] to, int count) {
        for (int i = 0; i < count; i++) {
            to[i] += from[i];
        }
    }
}
