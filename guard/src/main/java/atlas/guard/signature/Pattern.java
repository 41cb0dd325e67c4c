package atlas.guard.signature;

/**
 * One phrase of a word class.
 *
 * @param text as folded text has it
 * @param wordStart whether it must begin at the edge of a word
 * @param wordEnd whether it must end at the edge of a word
 * @param lineStart whether only blanks may stand before it on its line
 */
record Pattern(String text, int words, boolean wordStart, boolean wordEnd, boolean lineStart) {
    boolean ascii() {
        return text.chars().allMatch(c -> c < 128);
    }

    boolean fits(char[] chars, int start, int end, int length) {
        if (wordStart && start > 0 && inWord(chars[start - 1])) {
            return false;
        }
        if (wordEnd && end < length && inWord(chars[end])) {
            return false;
        }
        return !lineStart || start == 0 || chars[start - 1] == '\n';
    }

    private static boolean inWord(char c) {
        return c < 128
                ? (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
                : Character.isLetterOrDigit(c);
    }
}
