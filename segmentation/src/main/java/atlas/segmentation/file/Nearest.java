package atlas.segmentation.file;

import java.util.Collection;

/** What a misspelt name was probably meant to be. */
final class Nearest {
    private static final int LISTED = 8;
    private static final String SUFFIX = "_subnet";

    private Nearest() {}

    static String hint(String given, Collection<String> known) {
        String nearest = "";
        int best = Integer.MAX_VALUE;
        for (String candidate : known) {
            int distance = distance(given, candidate);
            if (candidate.endsWith(SUFFIX)) {
                distance = Math.min(distance, distance(given + SUFFIX, candidate));
            }
            if (distance < best) {
                best = distance;
                nearest = candidate;
            }
        }
        if (best <= Math.max(2, given.length() / 3)) {
            return "did you mean `" + nearest + "`?";
        }
        String all = String.join(", ", known.stream().limit(LISTED).toList());
        return known.isEmpty() ? "" : "known are " + all + (known.size() > LISTED ? ", …" : "");
    }

    /** Edits (insert, delete, replace) between two words. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[other.length()];
    }
}
