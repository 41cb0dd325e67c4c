package atlas.runtime.wire;

import java.util.Arrays;

/**
 * What a connection remembers of streams the codec has forgotten: the most recent gaps a client
 * left between identifiers and the most recent streams it ended. Older ones are judged mildly.
 */
final class StreamHistory {
    private static final int MAX_GAPS = 8;
    private static final int MAX_ENDED = 32;

    private final int[] from = new int[MAX_GAPS];
    private final int[] until = new int[MAX_GAPS];
    private final int[] ended = new int[MAX_ENDED];
    private int gaps;
    private int ends;
    private int last = -1;

    void opened(int id) {
        if (id > last + 2) {
            from[gaps % MAX_GAPS] = last + 2;
            until[gaps % MAX_GAPS] = id;
            gaps++;
        }
        last = Math.max(last, id);
    }

    /** The client said that nothing more follows on this stream. */
    void ended(int id) {
        ended[ends++ & (MAX_ENDED - 1)] = id;
    }

    /** Whether the client passed over this identifier. */
    boolean wasSkipped(int id) {
        for (int i = 0; i < Math.min(gaps, MAX_GAPS); i++) {
            if (id >= from[i] && id < until[i]) {
                return true;
            }
        }
        return false;
    }

    /** Whether the client ended this stream; streams that were reset before are not among them. */
    boolean wasEnded(int id) {
        return Arrays.stream(ended).anyMatch(e -> e == id);
    }
}
