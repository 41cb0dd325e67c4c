package atlas.runtime.wire;

/**
 * Character classes of RFC 9110 and RFC 3986 as look-up tables, and the few rules built on them.
 */
final class Grammar {
    private static final byte TOKEN = 1;
    private static final byte PATH = 2;
    private static final byte HOST = 4;

    private static final byte[] CLASSES = new byte[128];

    static {
        for (char c = '0'; c <= 'z'; c++) {
            if (Character.isLetterOrDigit(c)) {
                CLASSES[c] = TOKEN | PATH | HOST;
            }
        }
        mark("!#$%&'*+-.^_`|~", TOKEN);
        mark("-._~!$&'()*+,;=:@/%", PATH);
        mark("-._", HOST);
    }

    private Grammar() {}

    private static void mark(String characters, byte kind) {
        for (char c : characters.toCharArray()) {
            CLASSES[c] |= kind;
        }
    }

    private static boolean all(CharSequence text, byte kind) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 128 || (CLASSES[c] & kind) == 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    static boolean token(CharSequence text) {
        return all(text, TOKEN);
    }

    static boolean pathCharacter(char c) {
        return c < 128 && (CLASSES[c] & PATH) != 0;
    }

    /** The letters of a host name; anything exotic is refused. */
    static boolean hostName(CharSequence text) {
        return all(text, HOST);
    }

    /** Visible ASCII without {@code #}: more than RFC 3986 allows, as browsers send it. */
    static boolean query(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 127 || c == '#') {
                return false;
            }
        }
        return true;
    }

    /** A field value without control characters; {@code obs-text} is let through. */
    static boolean fieldValue(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 127 || c > 255) {
                return false;
            }
        }
        return true;
    }

    /** A field value that neither begins nor ends with a blank (RFC 9113 §8.2.1). */
    static boolean trimmed(CharSequence text) {
        return text.isEmpty() || !(blank(text.charAt(0)) || blank(text.charAt(text.length() - 1)));
    }

    private static boolean blank(char c) {
        return c == ' ' || c == '\t';
    }

    /** The value of a {@code content-length}: digits only, one number. */
    static long contentLength(String text) throws BadMessage {
        if (text.isEmpty() || text.length() > 18) {
            throw BadMessage.malformed("the content length is not a number");
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw BadMessage.malformed("the content length is not a number");
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** The value of a hexadecimal digit, or -1. */
    static int hex(int c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int lower = c | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }
}
