package atlas.guard.model;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * The model as a file: {@code ATLASGRD}, format, provenance as a JSON text, shape, weights; the
 * weights deflated. Reading checks the shape; whether the bytes are the right ones is checked by
 * digest before.
 *
 * @param provenance where the model comes from: recipe, seed, digests of the data
 */
public record ModelFile(
        String provenance,
        byte[] ngrams,
        float[] scale,
        float[][] dense,
        float[] bias,
        float[] threshold) {
    private static final long MAGIC = 0x41544c4153475244L;
    private static final int FORMAT = 1;
    private static final int HEADS = Head.values().length;

    /** The file's bytes. */
    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 20);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(MAGIC);
            out.writeInt(FORMAT);
            out.writeUTF(provenance);
            out.writeInt(ngrams.length);
            out.writeInt(dense[0].length);
            Deflater best = new Deflater(Deflater.BEST_COMPRESSION);
            try (DataOutputStream packed =
                    new DataOutputStream(new DeflaterOutputStream(out, best))) {
                for (int h = 0; h < HEADS; h++) {
                    packed.writeFloat(scale[h]);
                    packed.writeFloat(bias[h]);
                    packed.writeFloat(threshold[h]);
                    for (float weight : dense[h]) {
                        packed.writeFloat(weight);
                    }
                }
                packed.write(ngrams);
            } finally {
                best.end();
            }
        } catch (IOException e) {
            throw new IllegalStateException("writing a model to memory", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads a file that has {@code denseCount} features beside the n-grams.
     *
     * @throws IOException when the bytes are no such model
     */
    public static ModelFile decode(byte[] bytes, int denseCount) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readLong() != MAGIC || in.readInt() != FORMAT) {
                throw new IOException("not a guard model of a format this build reads");
            }
            String provenance = in.readUTF();
            if (in.readInt() != Ngrams.BUCKETS * HEADS || in.readInt() != denseCount) {
                throw new IOException("the guard model was trained with other features");
            }
            DataInputStream packed = new DataInputStream(new InflaterInputStream(in));
            float[] scale = new float[HEADS];
            float[] bias = new float[HEADS];
            float[] threshold = new float[HEADS];
            float[][] dense = new float[HEADS][denseCount];
            for (int h = 0; h < HEADS; h++) {
                scale[h] = packed.readFloat();
                bias[h] = packed.readFloat();
                threshold[h] = packed.readFloat();
                for (int i = 0; i < denseCount; i++) {
                    dense[h][i] = packed.readFloat();
                }
            }
            byte[] ngrams = new byte[Ngrams.BUCKETS * HEADS];
            packed.readFully(ngrams);
            return new ModelFile(provenance, ngrams, scale, dense, bias, threshold);
        }
    }

    /** The model these weights make. */
    public LinearModel model() {
        return new LinearModel(ngrams, scale, dense, bias, threshold);
    }
}
