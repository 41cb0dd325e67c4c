package atlas.guard.text;

import java.util.Arrays;
import java.util.List;

/** Text got out of an encoding; for each character the stretch of the encoded text it stood in. */
record Decoded(Layer layer, String text, int[] starts, int[] ends) {
    /** A run decoded as one: every character points at the whole of it. */
    static Decoded run(Layer layer, String text, int start, int end) {
        int[] starts = new int[text.length()];
        int[] ends = new int[text.length()];
        Arrays.fill(starts, start);
        Arrays.fill(ends, end);
        return new Decoded(layer, text, starts, ends);
    }

    /** Several runs, each on a line of its own. */
    static Decoded joined(List<Decoded> runs) {
        int size = 0;
        for (Decoded run : runs) {
            size += run.text.length() + 1;
        }
        StringBuilder text = new StringBuilder(size);
        int[] starts = new int[size];
        int[] ends = new int[size];
        for (Decoded run : runs) {
            int at = text.length();
            int length = run.text.length();
            System.arraycopy(run.starts, 0, starts, at, length);
            System.arraycopy(run.ends, 0, ends, at, length);
            starts[at + length] = run.starts[length - 1];
            ends[at + length] = run.ends[length - 1];
            text.append(run.text).append('\n');
        }
        return new Decoded(runs.getFirst().layer, text.toString(), starts, ends);
    }
}
