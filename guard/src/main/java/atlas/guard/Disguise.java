package atlas.guard;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/** Ways to write a text so that who looks for words does not find them. */
enum Disguise {
    PLAIN,
    /** Digits and signs for letters. */
    LEET,
    /** Letters set apart. */
    SPACED,
    /** Letters of the full-width block. */
    WIDE,
    /** Nothing visible between the letters. */
    INVISIBLE,
    /** Cyrillic letters that look Latin. */
    LOOKALIKE,
    BASE64,
    HEX,
    /** Percent signs, as in a URL. */
    PERCENT,
    /** Tag characters, which nobody sees, behind a greeting. */
    TAGS;

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    String of(String text) {
        return switch (this) {
            case PLAIN -> text;
            case LEET -> swapped(text, "aeios", "43105");
            case SPACED -> spaced(text);
            case WIDE -> wide(text);
            case INVISIBLE -> text.replaceAll("(\\p{Alpha})(?=\\p{Alpha})", "$1\u200b");
            case LOOKALIKE -> swapped(text, "aeopcxy", "аеорсху");
            case BASE64 ->
                    Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
            case HEX -> each(text, "%02x");
            case PERCENT -> each(text, "%%%02X");
            case TAGS -> "Hello! " + tags(text);
        };
    }

    private static String swapped(String text, String from, String to) {
        StringBuilder swapped = new StringBuilder(text);
        for (int i = 0; i < swapped.length(); i++) {
            int at = from.indexOf(Character.toLowerCase(swapped.charAt(i)));
            if (at >= 0) {
                swapped.setCharAt(i, to.charAt(at));
            }
        }
        return swapped.toString();
    }

    private static String spaced(String text) {
        StringBuilder spaced = new StringBuilder();
        for (char c : text.toCharArray()) {
            spaced.append(c).append(' ');
        }
        return spaced.toString().strip();
    }

    private static String wide(String text) {
        StringBuilder wide = new StringBuilder();
        for (char c : text.toCharArray()) {
            wide.append(c > ' ' && c < 0x7f ? (char) (c - '!' + '！') : c);
        }
        return wide.toString();
    }

    private static String each(String text, String format) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            out.append(String.format(Locale.ROOT, format, b & 0xff));
        }
        return out.toString();
    }

    private static String tags(String text) {
        StringBuilder tags = new StringBuilder();
        text.chars().filter(c -> c < 0x7f).forEach(c -> tags.appendCodePoint(0xe0000 + c));
        return tags.toString();
    }
}
