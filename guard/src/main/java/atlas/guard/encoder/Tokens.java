package atlas.guard.encoder;

import atlas.guard.text.View;

/**
 * Cuts a view into tokens: words of twelve letters at most, numbers, single signs, and single
 * characters of scripts that write without blanks. A token is known by the hash of its spelling and
 * by the buckets of its letter triples, so that a word nobody has seen still looks like its kin.
 */
public final class Tokens {
    /** Buckets of letter triples. */
    public static final int PIECES = 1 << 14;

    /** Letters a word has at most; what is longer goes on in the next token. */
    public static final int LONGEST = 12;

    private static final int REPEATS = 3;
    private static final char EDGE = '\u0001';
    private static final char WITHIN = '\u0002';

    private final char[] chars;
    private final int length;
    private final int first;
    private int at;
    private int start;
    private int end;
    private char before = EDGE;
    private boolean single;
    private boolean cut;
    private int repeated;

    /** All tokens of a view. */
    public Tokens(View view) {
        this(view, 0, view.length());
    }

    /** The tokens between two places of a view. */
    public Tokens(View view, int from, int to) {
        this.chars = view.chars();
        this.length = Math.min(to, view.length());
        this.at = from;
        this.first = from;
    }

    /** Moves to the next token; false at the end. */
    public boolean next() {
        while (at < length) {
            char c = chars[at];
            if (c == ' ') {
                at++;
                cut = false;
                continue;
            }
            before = at == first ? EDGE : chars[at - 1];
            start = at++;
            end = at;
            if (apart(c) || (!letter(c) && !digit(c))) {
                repeated = before == c ? repeated + 1 : 1;
                cut = false;
                if (repeated > REPEATS) {
                    continue;
                }
                single = true;
                return true;
            }
            repeated = 0;
            single = false;
            boolean goesOn = cut;
            boolean number = digit(c);
            while (at < length
                    && at - start < LONGEST
                    && !apart(chars[at])
                    && (number ? digit(chars[at]) : letter(chars[at]))) {
                at++;
            }
            end = at;
            before = goesOn ? WITHIN : EDGE;
            cut = end - start == LONGEST;
            return true;
        }
        return false;
    }

    /** Where in the view the token begins. */
    public int start() {
        return start;
    }

    /** Where in the view the token ends. */
    public int end() {
        return end;
    }

    /** The hash of the token's spelling; digits are all alike. */
    public int hash() {
        long hash = single ? 3 : before;
        for (int i = start; i < end; i++) {
            hash = (hash + plain(chars[i]) + 1) * 0x9e3779b97f4a7c15L;
            hash ^= hash >>> 29;
        }
        return (int) ((hash * 0xbf58476d1ce4e5b9L) >>> 32);
    }

    /** Writes the buckets of the token's letter triples, {@link #LONGEST} at most. */
    public int pieces(int[] out) {
        if (single) {
            out[0] = bucket(5, 5, plain(chars[start]));
            if (!apart(chars[start])) {
                return 1;
            }
            out[1] = bucket(7, before, chars[start]);
            return 2;
        }
        int size = 0;
        char one = before;
        char two = plain(chars[start]);
        for (int i = start + 1; i <= end; i++) {
            char three = i < end ? plain(chars[i]) : EDGE;
            out[size++] = bucket(one, two, three);
            one = two;
            two = three;
        }
        return size;
    }

    private static int bucket(int one, int two, int three) {
        long hash = ((long) one << 32 | (long) two << 16 | three) * 0x9e3779b97f4a7c15L;
        hash = (hash ^ hash >>> 31) * 0x94d049bb133111ebL;
        return (int) (hash >>> 50);
    }

    private static char plain(char c) {
        return digit(c) ? '0' : c;
    }

    private static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean letter(char c) {
        return c < 128
                ? c >= 'a' && c <= 'z'
                : Character.isLetterOrDigit(c)
                        || Character.isSurrogate(c)
                        || mark(Character.getType(c));
    }

    /** Vowel signs belong to the word they stand in. */
    private static boolean mark(int type) {
        return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
    }

    /** Whether a character is of a script that writes words without blanks: Thai, kana, Han. */
    private static boolean apart(char c) {
        return c >= 0xe00
                && (c < 0xe80
                        || (c >= 0x3040 && c <= 0x30ff)
                        || (c >= 0x3400 && c <= 0x9fff)
                        || (c >= 0xf900 && c <= 0xfaff));
    }
}
