package atlas.guard.output;

/** Kinds of characters, by table. */
final class Chars {
    private static final boolean[] TOKEN = table("_-+/=.:@%~!#$&*?^()");

    private Chars() {}

    /** Whether a character may stand inside a token. */
    static boolean token(char c) {
        return c < 128 && TOKEN[c];
    }

    static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean upper(char c) {
        return c >= 'A' && c <= 'Z';
    }

    static boolean letter(char c) {
        return (c >= 'a' && c <= 'z') || upper(c);
    }

    static boolean alnum(char c) {
        return digit(c) || letter(c);
    }

    static boolean hex(char c) {
        return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    private static boolean[] table(String signs) {
        boolean[] table = new boolean[128];
        for (char c = 0; c < 128; c++) {
            table[c] = alnum(c) || signs.indexOf(c) >= 0;
        }
        return table;
    }
}
