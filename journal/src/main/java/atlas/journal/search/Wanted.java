package atlas.journal.search;

/**
 * What a search asks the index: terms, and times in milliseconds since 1970, both inclusive. The
 * index may answer with entries of the same second outside them.
 */
public record Wanted(Terms terms, long since, long until) {

    /** Whether everything matches. */
    public boolean nothing() {
        return !terms.asked() && !timed();
    }

    boolean timed() {
        return since != Long.MIN_VALUE || until != Long.MAX_VALUE;
    }

    boolean at(long millis) {
        return millis >= since && millis <= until;
    }
}
