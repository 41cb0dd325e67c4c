package atlas.node.trainer;

import java.util.List;

/** AdamW with gradients clipped to norm 1 and a warm-up and cosine schedule. */
final class Adam {
    private static final float FIRST = .9f;
    private static final float SECOND = .97f;
    private static final float DECAY = .05f;

    private final List<Parameter> parameters;
    private final float peak;
    private final int warmUp;
    private final int steps;

    Adam(List<Parameter> parameters, float peak, int warmUp, int steps) {
        this.parameters = parameters;
        this.peak = peak;
        this.warmUp = warmUp;
        this.steps = steps;
    }

    /** Applies and clears the gradients; {@code step} counts from 1. */
    void update(int step) {
        double cosine = .5 * (1 + StrictMath.cos(Math.PI * step / steps));
        float rate = (float) (peak * Math.min(1, step / (double) warmUp) * (.02 + .98 * cosine));
        float clip = clip();
        float c1 = (float) (1 - StrictMath.pow(FIRST, step));
        float c2 = (float) (1 - StrictMath.pow(SECOND, step));
        for (Parameter p : parameters) {
            float decay = p.isNorm() ? 0 : DECAY * rate;
            for (int i = 0; i < p.value.length; i++) {
                float g = p.gradient[i] * clip;
                p.mean[i] = FIRST * p.mean[i] + (1 - FIRST) * g;
                p.square[i] = SECOND * p.square[i] + (1 - SECOND) * g * g;
                float root = (float) Math.sqrt(p.square[i] / c2) + 1e-8f;
                p.value[i] -= decay * p.value[i] + rate * (p.mean[i] / c1) / root;
                p.gradient[i] = 0;
            }
        }
    }

    private float clip() {
        double sum = 0;
        for (Parameter p : parameters) {
            for (float g : p.gradient) {
                sum += (double) g * g;
            }
        }
        return (float) Math.min(1, 1 / (Math.sqrt(sum) + 1e-6));
    }
}
