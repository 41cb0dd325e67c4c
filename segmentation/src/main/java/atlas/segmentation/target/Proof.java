package atlas.segmentation.target;

import java.util.ArrayList;
import java.util.List;

/**
 * What a comparison of text and policy came to.
 *
 * @param compared how many pairs of address classes were held against the policy
 * @param differences the first of them; empty when the text is the policy
 * @param more how many further differences were found
 */
public record Proof(long compared, List<Difference> differences, long more) {
    private static final int KEPT = 100;

    public Proof {
        differences = List.copyOf(differences);
    }

    public boolean holds() {
        return differences.isEmpty();
    }

    /** Collects differences and keeps the first of them. */
    public static final class Tally {
        private final List<Difference> kept = new ArrayList<>();
        private long compared;
        private long more;

        public Tally() {}

        public void compared() {
            compared++;
        }

        public void add(Difference difference) {
            if (kept.contains(difference)) {
                return;
            }
            if (kept.size() < KEPT) {
                kept.add(difference);
            } else {
                more++;
            }
        }

        public Proof proof() {
            return new Proof(compared, kept, more);
        }
    }
}
