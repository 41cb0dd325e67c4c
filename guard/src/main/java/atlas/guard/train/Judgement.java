package atlas.guard.train;

import atlas.guard.measure.Row;
import atlas.guard.model.Blend;

/**
 * What models that never saw a row's source think of it.
 *
 * @param number of the row among all
 * @param plain margin of n-grams alone, the mean of both heads
 * @param margins linear speaker and carried, encoder's speaker and carried
 */
record Judgement(int number, int fold, Row row, double plain, double[] margins) {
    /** Whether the row counts where the thresholds of such a channel are looked for. */
    boolean counts(Blend.For channel) {
        return channel == Blend.For.UNKNOWN
                || channel(row) == channel
                || row.channel().equals("mixed");
    }

    /** The kind of channel a row came by. */
    static Blend.For channel(Row row) {
        return switch (row.channel()) {
            case "document", "tool" -> Blend.For.CARRIED;
            case "user" -> Blend.For.SPEAKER;
            default -> Blend.For.UNKNOWN;
        };
    }
}
