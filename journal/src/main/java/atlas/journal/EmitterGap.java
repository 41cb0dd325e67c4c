package atlas.journal;

/**
 * An emitter left out numbers: what had them was never recorded, or was taken out before it was
 * signed for.
 *
 * @param index the entry before which they are missing
 * @param emitter its id in hexadecimal, as it stands in entries
 * @param expected the number that should have come
 * @param found the one that came
 */
public record EmitterGap(long index, String emitter, long expected, long found) {
    /** In words. */
    public String text() {
        return "emitter "
                + emitter
                + " went on with number "
                + found
                + " in place of "
                + expected
                + " at entry "
                + index
                + ": what was to come between is not in the log";
    }
}
