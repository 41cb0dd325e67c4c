package atlas.runtime;

import java.util.Collection;
import java.util.Locale;

/** Spellings of configuration keys, and what a misspelt one was probably meant to be. */
final class KeyNames {
    private KeyNames() {}

    /** {@code maxBodyBytes} as {@code max-body-bytes}. */
    static String kebab(String camel) {
        StringBuilder kebab = new StringBuilder(camel.length() + 4);
        for (int i = 0; i < camel.length(); i++) {
            char c = camel.charAt(i);
            if (Character.isUpperCase(c)) {
                kebab.append('-').append(Character.toLowerCase(c));
            } else {
                kebab.append(c);
            }
        }
        return kebab.toString();
    }

    /** {@code gateway.listen.max-body-bytes} as {@code ATLAS_GATEWAY_LISTEN_MAX_BODY_BYTES}. */
    static String variable(String path) {
        return "ATLAS_" + path.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** An enum constant as it is written in a file. */
    static String constant(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static String didYouMean(String given, Collection<String> known) {
        String nearest = "";
        int best = Integer.MAX_VALUE;
        for (String candidate : known) {
            int distance = distance(given, candidate);
            if (distance < best) {
                best = distance;
                nearest = candidate;
            }
        }
        if (best <= Math.max(2, given.length() / 3)) {
            return "did you mean `" + nearest + "`?";
        }
        return known.isEmpty() ? "" : "known are " + String.join(", ", known);
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
