package atlas.guard.output;

/** How much a text looks drawn by lot. */
final class Entropy {
    private Entropy() {}

    /** Bits per character by the frequencies in the stretch itself. */
    static double bits(String text, int start, int end) {
        int[] counts = new int[128];
        int n = end - start;
        for (int i = start; i < end; i++) {
            counts[text.charAt(i) & 127]++;
        }
        double bits = 0;
        for (int count : counts) {
            if (count > 0) {
                bits -= count * Math.log((double) count / n);
            }
        }
        return bits / n / Math.log(2);
    }

    /** Whether a stretch is filler such as {@code xxxxxxxx} or an example said to be one. */
    static boolean dull(String text, int start, int end) {
        String stretch = text.substring(start, end);
        if (stretch.contains("EXAMPLE")
                || stretch.contains("XXXX")
                || stretch.contains("example")) {
            return true;
        }
        long seen = 0;
        for (int i = start; i < end; i++) {
            seen |= 1L << (text.charAt(i) & 63);
        }
        return Long.bitCount(seen) < Math.min(6, (end - start) / 3);
    }
}
