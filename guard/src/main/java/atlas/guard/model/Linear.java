package atlas.guard.model;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * The weights of the linear classifier as a file holds them.
 *
 * @param ngrams for each bucket one weight per head, side by side
 * @param scale per head, what an n-gram weight of 1 stands for
 * @param dense per head and feature
 */
public record Linear(byte[] ngrams, float[] scale, float[][] dense, float[] bias) {
    private static final int HEADS = Head.values().length;

    /** Writes them as {@link #read} takes them. */
    public void write(DataOutputStream out) throws IOException {
        for (int h = 0; h < HEADS; h++) {
            out.writeFloat(scale[h]);
            out.writeFloat(bias[h]);
            for (float weight : dense[h]) {
                out.writeFloat(weight);
            }
        }
        out.write(ngrams);
    }

    /**
     * Reads the weights for {@code denseCount} features beside the n-grams.
     *
     * @throws IOException when there are too few
     */
    public static Linear read(DataInputStream in, int denseCount) throws IOException {
        float[] scale = new float[HEADS];
        float[] bias = new float[HEADS];
        float[][] dense = new float[HEADS][denseCount];
        for (int h = 0; h < HEADS; h++) {
            scale[h] = in.readFloat();
            bias[h] = in.readFloat();
            for (int i = 0; i < denseCount; i++) {
                dense[h][i] = in.readFloat();
            }
        }
        byte[] ngrams = new byte[Ngrams.BUCKETS * HEADS];
        in.readFully(ngrams);
        return new Linear(ngrams, scale, dense, bias);
    }

    /** The model these weights make. */
    public LinearModel model() {
        return new LinearModel(this);
    }
}
