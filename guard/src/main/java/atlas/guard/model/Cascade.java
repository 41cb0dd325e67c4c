package atlas.guard.model;

import atlas.guard.encoder.Encoder;
import atlas.guard.signature.Signatures;
import atlas.guard.text.View;

/**
 * The linear classifier reads everything; the encoder reads what the first leaves uncertain. Of a
 * long view the encoder reads only the stretches the linear classifier likes least, a fixed number
 * of them, so that no text costs more than so much. Immutable and thread-safe.
 */
public final class Cascade {
    /** Characters of a view that the encoder reads as a whole. */
    private static final int WHOLE = 8192;

    /** Blocks in a stretch of a long view, and those read before and after it. */
    private static final int STRETCH = 16;

    private static final int MARGIN = 3;

    /** Stretches of a long view that are read. */
    private static final int MOST_STRETCHES = 8;

    private final LinearModel linear;
    private final Encoder encoder;
    private final Blend[] blends;

    Cascade(LinearModel linear, Encoder encoder, Blend[] blends) {
        this.linear = linear;
        this.encoder = encoder;
        this.blends = blends;
    }

    /**
     * What is thought of a text.
     *
     * @param deep whether the encoder was asked
     * @param start where in the original the worst window begins
     */
    public record Opinion(double score, boolean deep, int start, int end) {}

    /** Judges a text that came by such a channel. */
    public Opinion judge(Reading.All text, Blend.For channel, Signatures signatures) {
        Blend blend = blends[channel.ordinal()];
        Margins margins = linear.judge(text, signatures);
        double speaker = margins.speaker().margin();
        double carried = margins.carried().margin();
        Margins.Worst place = channel == Blend.For.CARRIED ? margins.carried() : margins.speaker();
        double quick = blend.quick(speaker, carried);
        if (quick < blend.gate()) {
            return new Opinion(
                    blend.score(blend.unasked(quick)), false, place.start(), place.end());
        }
        float[] deep = deep(text, signatures);
        double full = blend.full(speaker, carried, deep[0], deep[1]);
        return new Opinion(blend.score(full), true, place.start(), place.end());
    }

    /** The encoder's margins, whatever the linear classifier thinks. */
    public float[] deep(Reading.All text, Signatures signatures) {
        float[] worst = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
        for (Reading reading : text.readings()) {
            View view = reading.view();
            if (view.length() <= WHOLE) {
                join(worst, encoder.judge(view, 0, view.length()));
                continue;
            }
            for (int first : linear.worstStretches(reading, text.marks(), signatures, places())) {
                int from = (first - MARGIN) * Reading.BLOCK;
                int to = (first + STRETCH + MARGIN) * Reading.BLOCK;
                join(worst, encoder.judge(view, Math.max(0, from), Math.min(view.length(), to)));
            }
        }
        return worst;
    }

    private static LinearModel.Stretches places() {
        return new LinearModel.Stretches(STRETCH, MOST_STRETCHES);
    }

    private static void join(float[] worst, float[] margins) {
        for (int h = 0; h < worst.length; h++) {
            worst[h] = Math.max(worst[h], margins[h]);
        }
    }
}
