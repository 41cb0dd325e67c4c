package atlas.journal.search;

/**
 * What an entry can be found by, blind: its time, and a keyed fingerprint of each key. 0 stands for
 * a key it does not have; asked for, 0 stands for any.
 */
public record Terms(
        long millis, long kind, long principal, long model, long outcome, long request) {
    /** Numbers kept for each entry. */
    static final int COLUMNS = 6;

    private static final Terms ANY = new Terms(0, 0, 0, 0, 0, 0);

    /** The terms of a query that asks for none, or of an entry that cannot be read any more. */
    public static Terms none(long millis) {
        return new Terms(millis, 0, 0, 0, 0, 0);
    }

    /** Whether a query with these asks for any of them. */
    boolean asked() {
        return !withTime(0).equals(ANY);
    }

    private Terms withTime(long time) {
        return new Terms(time, kind, principal, model, outcome, request);
    }

    /** Puts the numbers in a row of columns. */
    void put(long[] rows, int row) {
        int at = row * COLUMNS;
        rows[at] = millis;
        rows[at + 1] = kind;
        rows[at + 2] = principal;
        rows[at + 3] = model;
        rows[at + 4] = outcome;
        rows[at + 5] = request;
    }

    /** The fingerprints a query asks for. */
    long[] wanted() {
        return java.util.stream.LongStream.of(kind, principal, model, outcome, request)
                .filter(term -> term != 0)
                .toArray();
    }

    /** Whether a row has everything these ask for. */
    boolean match(long[] rows, int row) {
        int at = row * COLUMNS;
        return holds(kind, rows[at + 1])
                && holds(principal, rows[at + 2])
                && holds(model, rows[at + 3])
                && holds(outcome, rows[at + 4])
                && holds(request, rows[at + 5]);
    }

    private static boolean holds(long asked, long there) {
        return asked == 0 || asked == there;
    }
}
