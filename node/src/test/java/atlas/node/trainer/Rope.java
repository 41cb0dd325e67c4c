package atlas.node.trainer;

/** Rotary positions in the interleaved pair form that llama files use. */
final class Rope {
    private final float[] cos;
    private final float[] sin;
    private final int headWidth;

    Rope(int length, int headWidth) {
        this.headWidth = headWidth;
        int half = headWidth / 2;
        cos = new float[length * half];
        sin = new float[length * half];
        for (int p = 0; p < length; p++) {
            for (int i = 0; i < half; i++) {
                double angle = p * StrictMath.pow(Ops.ROPE_BASE, -2.0 * i / headWidth);
                cos[p * half + i] = (float) StrictMath.cos(angle);
                sin[p * half + i] = (float) StrictMath.sin(angle);
            }
        }
    }

    /** Rotates in place; {@code sign} -1 turns back, which is the gradient. */
    void turn(float[] x, int heads, Shape.Span span, float sign) {
        int half = headWidth / 2;
        for (int n = 0; n < span.tokens(); n++) {
            int row = n % span.length() * half;
            for (int h = 0; h < heads; h++) {
                int at = (n * heads + h) * headWidth;
                for (int i = 0; i < half; i++) {
                    float c = cos[row + i];
                    float s = sign * sin[row + i];
                    float u = x[at + 2 * i];
                    float v = x[at + 2 * i + 1];
                    x[at + 2 * i] = u * c - v * s;
                    x[at + 2 * i + 1] = u * s + v * c;
                }
            }
        }
    }
}
