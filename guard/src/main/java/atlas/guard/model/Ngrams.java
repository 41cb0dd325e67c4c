package atlas.guard.model;

import atlas.guard.text.View;
import java.util.Arrays;

/**
 * Walks over a view and hashes character 3- to 5-grams, words and pairs of words into buckets.
 * Digits are all alike and so are blanks. A bucket counts once in a step, so that saying the same
 * thing again and again weighs no more. One pass, a fixed cost per character.
 */
public final class Ngrams {
    /** Buckets of the hash. */
    public static final int BUCKETS = 1 << 19;

    /** Hashes a character can bring at most. */
    public static final int PER_CHARACTER = 5;

    private static final int SHIFT = 64 - 19;
    private static final int SEEN = 1 << 11;
    private static final long BLANKS = 0x0020_0020_0020_0020L;

    private final char[] chars;
    private final int length;
    private int at;
    private long last = BLANKS;
    private long word;
    private long wordBefore;
    private final Seen known;
    private final int[] seen;
    private int step;

    public Ngrams(View view) {
        this(view, new Seen());
    }

    /** Walks over a view with a memory that nobody else uses until the end is reached. */
    Ngrams(View view, Seen known) {
        this.chars = view.chars();
        this.length = view.length();
        this.known = known;
        this.seen = known.table;
    }

    /** What remembers the buckets of a step; serves one walk after another without clearing. */
    static final class Seen {
        private final int[] table = new int[SEEN];
        private int steps;

        private int next() {
            if ((++steps & 0xfff) == 0) {
                Arrays.fill(table, 0);
                steps = 1;
            }
            return steps;
        }
    }

    /**
     * Writes the different buckets of the next {@code count} characters, a few hundred at most, and
     * returns how many it wrote.
     */
    public int fill(int count, int[] out) {
        step = known.next();
        int size = 0;
        int end = Math.min(length, at + count);
        for (; at < end; at++) {
            char c = plain(chars[at]);
            long fifth = last >>> 48;
            last = (last << 16) | c;
            long three = (last & 0xffff_ffff_ffffL) * 0x9e3779b97f4a7c15L;
            long four = (last + 0x51ed) * 0xc2b2ae3d27d4eb4fL;
            long five = (four ^ (fifth + 0x1f3) * 0xff51afd7ed558ccdL) * 0xd6e8feb86659fd93L;
            size = add(bucket(three), out, size);
            size = add(bucket(four), out, size);
            size = add(bucket(five), out, size);
            if (wordPart(c)) {
                word = (word + c) * 0x9e3779b97f4a7c15L;
            } else if (word != 0) {
                size = endWord(out, size);
            }
        }
        return at == length && word != 0 ? endWord(out, size) : size;
    }

    private int endWord(int[] out, int size) {
        long hash = (word ^ (word >>> 32)) * 0xd6e8feb86659fd93L;
        int next = add(bucket(hash), out, size);
        long pair = (hash + wordBefore * 31) * 0x94d049bb133111ebL;
        wordBefore = hash;
        word = 0;
        return add(bucket(pair), out, next);
    }

    /** Writes a bucket unless this step has it; a step fills a quarter of the table at most. */
    private int add(int bucket, int[] out, int size) {
        int mark = (bucket << 12) | step;
        int at = bucket & (SEEN - 1);
        while ((seen[at] & 0xfff) == step) {
            if (seen[at] == mark) {
                return size;
            }
            at = (at + 1) & (SEEN - 1);
        }
        seen[at] = mark;
        out[size] = bucket;
        return size + 1;
    }

    private static int bucket(long hash) {
        return (int) (((hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L) >>> SHIFT);
    }

    private static boolean wordPart(char c) {
        return c < 128 ? (c >= 'a' && c <= 'z') || c == '0' : Character.isLetterOrDigit(c);
    }

    private static char plain(char c) {
        return c == '\n' ? ' ' : c >= '0' && c <= '9' ? '0' : c;
    }
}
