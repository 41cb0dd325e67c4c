package atlas.guard.model;

import atlas.guard.signature.Signatures;
import atlas.guard.text.Layer;
import atlas.guard.text.Mark;
import java.util.Set;

/** Numbers the features that are not hashed: signature bits, then marks, then layers. */
public final class Dense {
    private Dense() {}

    /** How many there are. */
    public static int count(Signatures signatures) {
        return signatures.bits() + Mark.values().length + Layer.values().length;
    }

    /** What a feature is called, for model cards. */
    public static String name(int feature, Signatures signatures) {
        int mark = feature - signatures.bits();
        if (mark < 0) {
            return signatures.name(feature);
        }
        int layer = mark - Mark.values().length;
        return layer < 0 ? Mark.values()[mark].name() : Layer.values()[layer].name();
    }

    /** Words of a bit set that holds them all. */
    public static int words(Signatures signatures) {
        return (count(signatures) + 63) >> 6;
    }

    /** Adds the bits of marks and layer to those of the signatures. */
    public static void add(long[] bits, Set<Mark> marks, Layer layer, Signatures signatures) {
        for (Mark mark : marks) {
            set(bits, signatures.bits() + mark.ordinal());
        }
        set(bits, signatures.bits() + Mark.values().length + layer.ordinal());
    }

    private static void set(long[] bits, int bit) {
        bits[bit >> 6] |= 1L << bit;
    }
}
