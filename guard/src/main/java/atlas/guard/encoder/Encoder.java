package atlas.guard.encoder;

import atlas.guard.text.View;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * A trained encoder. Each token is a vector of its word and its letter triples; two convolutions
 * look at its neighbours, three and then seven tokens wide; what is strongest in a window and what
 * is usual there make one margin for each head. A text scores as its worst window. Immutable and
 * thread-safe; work is linear in the length of the text.
 */
public final class Encoder {
    /** Tokens in a block; a window is {@link #WINDOW} blocks and moves on by one. */
    static final int BLOCK = 32;

    static final int WINDOW = 3;
    private static final int PAD = 3;
    private static final int HEADS = 2;
    private static final int MOST_WORDS = 1 << 16;
    private static final int MOST_WIDE = 1 << 9;

    private final int width;
    private final int channels;
    private final int[] words;
    private final byte[] wordVectors;
    private final byte[] pieceVectors;
    private final float wordScale;
    private final float pieceScale;
    private final float[] first;
    private final float[] firstBias;
    private final float[] second;
    private final float[] secondBias;
    private final float[] head;
    private final float[] headBias;

    private Encoder(DataInputStream in) throws IOException {
        width = bounded(in.readInt(), MOST_WIDE);
        channels = bounded(in.readInt(), MOST_WIDE);
        words = new int[bounded(in.readInt(), MOST_WORDS)];
        for (int i = 0; i < words.length; i++) {
            words[i] = in.readInt();
        }
        wordScale = in.readFloat();
        wordVectors = bytes(in, words.length * width);
        pieceScale = in.readFloat();
        pieceVectors = bytes(in, Tokens.PIECES * width);
        first = floats(in, 3 * width * channels);
        firstBias = floats(in, channels);
        second = floats(in, 3 * channels * channels);
        secondBias = floats(in, channels);
        head = floats(in, HEADS * 2 * channels);
        headBias = floats(in, HEADS);
    }

    /**
     * Reads an encoder as training wrote it.
     *
     * @throws IOException when it is none
     */
    public static Encoder read(DataInputStream in) throws IOException {
        return new Encoder(in);
    }

    /** Writes it as {@link #read} takes it. */
    public void write(DataOutputStream out) throws IOException {
        out.writeInt(width);
        out.writeInt(channels);
        out.writeInt(words.length);
        for (int word : words) {
            out.writeInt(word);
        }
        out.writeFloat(wordScale);
        out.write(wordVectors);
        out.writeFloat(pieceScale);
        out.write(pieceVectors);
        for (float[] part : new float[][] {first, firstBias, second, secondBias, head, headBias}) {
            for (float weight : part) {
                out.writeFloat(weight);
            }
        }
    }

    private static int bounded(int count, int most) throws IOException {
        if (count < 1 || count > most) {
            throw new IOException("an encoder of a size this build does not read");
        }
        return count;
    }

    private static byte[] bytes(DataInputStream in, int count) throws IOException {
        byte[] bytes = new byte[count];
        in.readFully(bytes);
        return bytes;
    }

    private static float[] floats(DataInputStream in, int count) throws IOException {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = in.readFloat();
        }
        return floats;
    }

    /** The margins of the worst windows of some characters of a view, one for each head. */
    public float[] judge(View view, int from, int to) {
        float[] tokens = vectors(view, from, to);
        int count = tokens.length / width;
        float[] near = convolve(tokens, width, count, 1, first, firstBias);
        float[] wide = convolve(near, channels, count, 2, second, secondBias);
        for (int i = 0; i < wide.length; i++) {
            wide[i] += near[i];
        }
        return worst(wide, count);
    }

    /** The vectors of the tokens that begin between two places. */
    private float[] vectors(View view, int from, int to) {
        Tokens walk = new Tokens(view, from, to);
        int[] pieces = new int[Tokens.LONGEST + 1];
        float[] out = new float[64 * width];
        int size = 0;
        while (walk.next()) {
            if (size + width > out.length) {
                out = Arrays.copyOf(out, out.length * 2);
            }
            int count = walk.pieces(pieces);
            float share = pieceScale / count;
            for (int p = 0; p < count; p++) {
                add(pieceVectors, pieces[p] * width, share, out, size);
            }
            int word = Arrays.binarySearch(words, walk.hash());
            if (word >= 0) {
                add(wordVectors, word * width, wordScale, out, size);
            }
            size += width;
        }
        return Arrays.copyOf(out, size);
    }

    private void add(byte[] vectors, int at, float scale, float[] out, int to) {
        for (int i = 0; i < width; i++) {
            out[to + i] += vectors[at + i] * scale;
        }
    }

    /** Each token with the ones {@code step} before and after it; what is negative is nothing. */
    private float[] convolve(
            float[] in, int inputs, int count, int step, float[] weights, float[] bias) {
        float[] out = new float[count * channels];
        float[] sum = new float[channels];
        for (int t = 0; t < count; t++) {
            System.arraycopy(bias, 0, sum, 0, channels);
            for (int tap = 0; tap < 3; tap++) {
                int from = t + (tap - 1) * step;
                if (from >= 0 && from < count) {
                    multiply(in, from * inputs, inputs, weights, tap * inputs * channels, sum);
                }
            }
            for (int c = 0; c < channels; c++) {
                out[t * channels + c] = Math.max(0, sum[c]);
            }
        }
        return out;
    }

    private static void multiply(
            float[] in, int from, int inputs, float[] weights, int at, float[] sum) {
        int row = at;
        for (int i = 0; i < inputs; i++, row += sum.length) {
            float value = in[from + i];
            if (value != 0) {
                for (int c = 0; c < sum.length; c++) {
                    sum[c] += value * weights[row + c];
                }
            }
        }
    }

    private float[] worst(float[] values, int count) {
        int blocks = (count + PAD + BLOCK - 1) / BLOCK;
        float[] top = new float[blocks * channels];
        float[] total = new float[blocks * channels];
        for (int t = 0; t < count; t++) {
            int block = t / BLOCK * channels;
            for (int c = 0; c < channels; c++) {
                float value = values[t * channels + c];
                top[block + c] = Math.max(top[block + c], value);
                total[block + c] += value;
            }
        }
        float[] worst = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
        float[] pooled = new float[2 * channels];
        for (int w = 0; w < Math.max(1, blocks - WINDOW + 1); w++) {
            int end = Math.min(blocks, w + WINDOW);
            int tokens = Math.min(count, end * BLOCK) - w * BLOCK;
            pool(top, total, w, end, Math.max(1, tokens), pooled);
            for (int h = 0; h < HEADS; h++) {
                float margin = headBias[h];
                for (int i = 0; i < pooled.length; i++) {
                    margin += head[h * pooled.length + i] * pooled[i];
                }
                worst[h] = Math.max(worst[h], margin);
            }
        }
        return worst;
    }

    private void pool(float[] top, float[] total, int from, int end, int tokens, float[] pooled) {
        Arrays.fill(pooled, 0);
        for (int b = from * channels; b < end * channels; b += channels) {
            for (int c = 0; c < channels; c++) {
                pooled[c] = Math.max(pooled[c], top[b + c]);
                pooled[channels + c] += total[b + c];
            }
        }
        for (int c = channels; c < pooled.length; c++) {
            pooled[c] /= tokens;
        }
    }
}
