package atlas.guard.signature;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the signatures found in one view: a set of bits for each block of it, and the hits. */
public final class Evidence {
    private static final int MAX_HITS = 64;

    private final long[] bits;
    private final int words;
    private final List<Hit> hits = new ArrayList<>(0);
    private final long[] seen;

    Evidence(int blocks, int words) {
        this.bits = new long[Math.max(1, blocks) * words];
        this.words = words;
        this.seen = new long[words];
    }

    void set(int block, int bit) {
        bits[block * words + (bit >> 6)] |= 1L << bit;
        seen[bit >> 6] |= 1L << bit;
    }

    void hit(Hit hit) {
        if (hits.size() < MAX_HITS && (hits.isEmpty() || !repeats(hits.getLast(), hit))) {
            hits.add(hit);
        }
    }

    private static boolean repeats(Hit last, Hit hit) {
        return last.family().equals(hit.family()) && hit.start() < last.end();
    }

    /** Or-s the bits of some blocks into {@code into}, which is cleared first. */
    public void collect(int fromBlock, int toBlock, long[] into) {
        Arrays.fill(into, 0);
        for (int b = fromBlock; b < toBlock; b++) {
            for (int w = 0; w < words; w++) {
                into[w] |= bits[b * words + w];
            }
        }
    }

    /** Families found, in the order of the text; a fixed number at most. */
    public List<Hit> hits() {
        return hits;
    }

    /** Whether a word class or family was found anywhere. */
    public boolean saw(int bit) {
        return (seen[bit >> 6] & 1L << bit) != 0;
    }
}
