package atlas.guard.model;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * How the margins of linear classifier and encoder become one score, for one kind of channel. What
 * the linear classifier alone puts under the gate is not shown to the encoder. Scores are laid out
 * so that every kind of channel flags at {@link #FLAG} and blocks at {@link #BLOCK}.
 *
 * @param quick bias, and weights of the linear margins of speaker and carried, where those decide
 * @param full bias, those weights, and the weights of the encoder's margins of speaker and carried
 * @param gate the quick evidence from which the encoder is asked
 * @param flag the evidence from which a text is flagged
 * @param block the evidence from which it is blocked
 */
public record Blend(float[] quick, float[] full, float gate, float flag, float block) {
    /** The score at which a text is flagged as shipped. */
    public static final double FLAG = 0.35;

    /** The score at which a text is blocked as shipped. */
    public static final double BLOCK = 0.5;

    private static final double SPREAD =
            Math.log(BLOCK / (1 - BLOCK)) - Math.log(FLAG / (1 - FLAG));

    private static final double BELOW_FLAG = 0.05;

    /** Keeps the order of those that all end just below the flag. */
    private static final double TIE = 1e-3;

    /** For whom a blend is made. */
    public enum For {
        SPEAKER,
        CARRIED,
        UNKNOWN
    }

    public Blend {
        if (quick.length != 3 || full.length != 5 || !(flag < block)) {
            throw new IllegalArgumentException("a blend has 3 and 5 weights, and flag < block");
        }
    }

    /** What the linear classifier alone says. */
    public double quick(double speaker, double carried) {
        return quick[0] + quick[1] * speaker + quick[2] * carried;
    }

    /** What the linear classifier says of a text it is sure about; never enough for a flag. */
    public double unasked(double quick) {
        return Math.min(quick, flag - BELOW_FLAG + (quick - gate) * TIE);
    }

    /** What both say together. */
    public double full(double speaker, double carried, double deepSpeaker, double deepCarried) {
        return full[0]
                + full[1] * speaker
                + full[2] * carried
                + full[3] * deepSpeaker
                + full[4] * deepCarried;
    }

    /** Evidence as a score from 0 to 1. */
    public double score(double evidence) {
        return 1 / (1 + Math.exp(-(evidence - block) * SPREAD / (block - flag)));
    }

    void write(DataOutputStream out) throws IOException {
        for (float[] part : new float[][] {quick, full, {gate, flag, block}}) {
            for (float value : part) {
                out.writeFloat(value);
            }
        }
    }

    static Blend read(DataInputStream in) throws IOException {
        float[] all = new float[11];
        for (int i = 0; i < all.length; i++) {
            all[i] = in.readFloat();
        }
        try {
            return new Blend(
                    new float[] {all[0], all[1], all[2]},
                    new float[] {all[3], all[4], all[5], all[6], all[7]},
                    all[8],
                    all[9],
                    all[10]);
        } catch (IllegalArgumentException e) {
            throw new IOException("a guard model whose thresholds contradict each other", e);
        }
    }
}
