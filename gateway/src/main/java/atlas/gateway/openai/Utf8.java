package atlas.gateway.openai;

/** Strict UTF-8, checked before any parser may guess an encoding or repair a byte. */
public final class Utf8 {
    private Utf8() {}

    /** Whether these bytes are well-formed UTF-8 (Unicode table 3-7) without NUL. */
    public static boolean wellFormed(byte[] bytes, int offset, int length) {
        int end = offset + length;
        int i = offset;
        while (i < end) {
            int first = bytes[i];
            if (first > 0) {
                i++;
                continue;
            }
            int size = sequence(first & 0xff);
            if (size == 0 || end - i < size || !continues(bytes, i, size)) {
                return false;
            }
            i += size;
        }
        return true;
    }

    private static int sequence(int first) {
        if (first >= 0xc2 && first <= 0xdf) {
            return 2;
        }
        if (first >= 0xe0 && first <= 0xef) {
            return 3;
        }
        return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
    }

    private static boolean continues(byte[] bytes, int at, int size) {
        int first = bytes[at] & 0xff;
        int second = bytes[at + 1] & 0xff;
        // The second byte rules out overlong forms, surrogates and everything past U+10FFFF.
        int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < low || second > high) {
            return false;
        }
        for (int i = 2; i < size; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return false;
            }
        }
        return true;
    }

    /** Whether every surrogate has its partner, so that the text has exactly one UTF-8 form. */
    public static boolean wholeCharacters(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                if (c > Character.MAX_HIGH_SURROGATE
                        || ++i == text.length()
                        || !Character.isLowSurrogate(text.charAt(i))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The text with U+FFFD in place of each surrogate that has lost its partner. */
    static String repaired(String text) {
        if (wholeCharacters(text)) {
            return text;
        }
        StringBuilder repaired = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
                .forEach(repaired::appendCodePoint);
        return repaired.toString();
    }
}
