package atlas.cli;

import java.util.Optional;

/** Which entries came, one after the other, and which did not: a gap is said, never passed over. */
final class Continuity {
    private long next;
    private long taken;
    private long missing;

    /**
     * @param first the entry that should come first
     */
    Continuity(long first) {
        next = first;
    }

    /** What should come next. */
    long next() {
        return next;
    }

    /** Takes an entry; says so when it is not the one that should have come. */
    Optional<String> take(long index) {
        long before = next;
        long gone = index - before;
        next = index + 1;
        taken++;
        if (gone <= 0) {
            return Optional.empty();
        }
        missing += gone;
        return Optional.of(
                "warning: "
                        + (gone == 1 ? "entry " + before + " is" : entries(before, index) + " are")
                        + " not in the journal any more, removed by retention; a backup may have"
                        + " them, and their hashes still stand in the tree");
    }

    private static String entries(long from, long until) {
        return "entries " + from + " to " + (until - 1);
    }

    String summary() {
        return "exported "
                + taken
                + " entries, the next is "
                + next
                + (missing == 0 ? "" : "; " + missing + " removed by retention are not among them");
    }
}
