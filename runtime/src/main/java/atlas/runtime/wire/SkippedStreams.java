package atlas.runtime.wire;

/** Stream identifiers a client passed over, the most recent gaps of them. */
final class SkippedStreams {
    private static final int MAX_GAPS = 8;

    private final int[] from = new int[MAX_GAPS];
    private final int[] until = new int[MAX_GAPS];
    private int gaps;
    private int last = -1;

    void opened(int id) {
        if (id > last + 2) {
            from[gaps % MAX_GAPS] = last + 2;
            until[gaps % MAX_GAPS] = id;
            gaps++;
        }
        last = Math.max(last, id);
    }

    boolean contains(int id) {
        for (int i = 0; i < Math.min(gaps, MAX_GAPS); i++) {
            if (id >= from[i] && id < until[i]) {
                return true;
            }
        }
        return false;
    }
}
