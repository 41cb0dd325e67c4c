package atlas.guard.model;

import atlas.guard.encoder.Encoder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * The model as a file: {@code ATLASGRD}, format, provenance as a JSON text, shape; then, deflated,
 * the linear classifier, the encoder and a blend for each kind of channel. Reading checks the
 * shape; whether the bytes are the right ones is checked by digest before.
 *
 * @param provenance where the model comes from: recipe, seed, digests of the data
 * @param blends in the order of {@link Blend.For}
 */
public record ModelFile(String provenance, Linear linear, Encoder encoder, Blend[] blends) {
    private static final long MAGIC = 0x41544c4153475244L;
    private static final int FORMAT = 2;
    private static final int HEADS = Head.values().length;

    /** The file's bytes. */
    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 20);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(MAGIC);
            out.writeInt(FORMAT);
            out.writeUTF(provenance);
            out.writeInt(linear.ngrams().length);
            out.writeInt(linear.dense()[0].length);
            Deflater best = new Deflater(Deflater.BEST_COMPRESSION);
            try (DataOutputStream packed =
                    new DataOutputStream(new DeflaterOutputStream(out, best))) {
                linear.write(packed);
                encoder.write(packed);
                for (Blend blend : blends) {
                    blend.write(packed);
                }
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
            Linear linear = Linear.read(packed, denseCount);
            Encoder encoder = Encoder.read(packed);
            Blend[] blends = new Blend[Blend.For.values().length];
            for (int b = 0; b < blends.length; b++) {
                blends[b] = Blend.read(packed);
            }
            return new ModelFile(provenance, linear, encoder, blends);
        }
    }

    /** The detector this file makes. */
    public Cascade cascade() {
        return new Cascade(linear.model(), encoder, blends);
    }
}
