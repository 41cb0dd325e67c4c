package atlas.guard.text;

/** Text got out of an encoding; for each character the stretch of the encoded text it stood in. */
record Decoded(Layer layer, String text, int[] starts, int[] ends) {
    /** A run decoded as one: every character points at the whole of it. */
    static Decoded run(Layer layer, String text, int start, int end) {
        int[] starts = new int[text.length()];
        int[] ends = new int[text.length()];
        java.util.Arrays.fill(starts, start);
        java.util.Arrays.fill(ends, end);
        return new Decoded(layer, text, starts, ends);
    }
}
