package atlas.guard.text;

/** Reads one escape: {@code %41}, {@code &#65;}, {@code &lt;}, {@code \x41}, {@code &#92;u0041}. */
final class Escapes {
    private static final String[] NAMED = {"lt;<", "gt;>", "amp;&", "quot;\"", "apos;'", "nbsp; "};

    private Escapes() {}

    /** Width in the high half and the character in the low half; 0 when no escape is there. */
    static long at(String text, int i) {
        return switch (text.charAt(i)) {
            case '%' -> hex(text, i, i + 1, 2);
            case '&' -> entity(text, i);
            case '\\' -> backslash(text, i);
            default -> 0;
        };
    }

    private static long backslash(String text, int i) {
        if (i + 1 >= text.length()) {
            return 0;
        }
        return switch (text.charAt(i + 1)) {
            case 'x' -> hex(text, i, i + 2, 2);
            case 'u' -> hex(text, i, i + 2, 4);
            case 'n' -> made(2, '\n');
            default -> 0;
        };
    }

    private static long hex(String text, int start, int digits, int count) {
        if (digits + count > text.length()) {
            return 0;
        }
        int value = 0;
        for (int k = digits; k < digits + count; k++) {
            int digit = Decoding.hex(text.charAt(k));
            if (digit < 0) {
                return 0;
            }
            value = value << 4 | digit;
        }
        return made(digits + count - start, value);
    }

    private static long entity(String text, int i) {
        if (i + 2 < text.length() && text.charAt(i + 1) == '#') {
            boolean hex = (text.charAt(i + 2) | 0x20) == 'x';
            int value = 0;
            for (int k = i + (hex ? 3 : 2); k < text.length() && k < i + 10; k++) {
                char c = text.charAt(k);
                if (c == ';') {
                    return value > 0 && value < 0x10000 ? made(k + 1 - i, value) : 0;
                }
                int digit = Decoding.hex(c);
                if (digit < 0 || (!hex && digit > 9)) {
                    return 0;
                }
                value = value * (hex ? 16 : 10) + digit;
            }
            return 0;
        }
        for (String named : NAMED) {
            int length = named.length() - 1;
            if (text.startsWith(named.substring(0, length), i + 1)) {
                return made(length + 1, named.charAt(length));
            }
        }
        return 0;
    }

    private static long made(int width, int value) {
        return (long) width << 32 | value;
    }
}
