package atlas.guard.output;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Knows protected texts by their base64, from wherever in the text it begins: three bytes become
 * one group of four letters, so what begins at the n-th byte is a run of the groups of one of three
 * encodings. Not for several threads.
 */
final class EncodedRuns {
    /** Groups in a row that count as a leak: 21 bytes. */
    static final int RUN = 7;

    private static final int GROUP = 4;
    private static final int BYTES_OF_GROUP = 3;
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private final Grams runs;
    private final long[] last = new long[RUN];
    private long group;
    private int letters;

    EncodedRuns(List<String> texts) {
        List<byte[]> all =
                texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
        // As many groups as bytes, over the three encodings.
        runs = new Grams(all.stream().mapToInt(bytes -> bytes.length).sum());
        for (byte[] bytes : all) {
            for (int shift = 0; shift < Math.min(BYTES_OF_GROUP, bytes.length); shift++) {
                add(Arrays.copyOfRange(bytes, shift, bytes.length));
            }
        }
    }

    private void add(byte[] bytes) {
        begin();
        for (byte letter : Base64.getEncoder().withoutPadding().encode(bytes)) {
            if (step((char) letter)) {
                runs.add(gram());
            }
        }
        begin();
    }

    /** A new word begins. */
    void begin() {
        letters = 0;
        group = 0;
    }

    /** Takes the next letter of a word; true when it ends a run of a protected text's base64. */
    boolean feed(char letter) {
        return step(letter) && runs.contains(gram());
    }

    /** True when the letter ends a group and there are enough of them. */
    private boolean step(char letter) {
        group = (group + standard(letter)) * STEP;
        letters++;
        if (letters % GROUP != 0) {
            return false;
        }
        last[letters / GROUP % RUN] = group;
        group = 0;
        return letters >= RUN * GROUP;
    }

    private long gram() {
        long gram = 0;
        int newest = letters / GROUP;
        for (int i = newest - RUN + 1; i <= newest; i++) {
            gram = (gram ^ last[i % RUN]) * STEP;
        }
        return gram;
    }

    // The alphabet for addresses (RFC 4648 section 5) says the same in two other letters.
    private static char standard(char letter) {
        return letter == '-' ? '+' : letter == '_' ? '/' : letter;
    }

    /** Whether the last letter ended a group. */
    boolean betweenGroups() {
        return letters % GROUP == 0;
    }
}
