package atlas.guard.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keeps texts from being repeated word for word. Words are compared without case or punctuation. A
 * run of words that all stand in a protected text in this order is withheld until it either ends,
 * and leaves, or grows to {@link #RUN} words, and is taken out with all that continues it. The same
 * for the text written backwards and by ROT13; and for its base64, from 28 letters on.
 *
 * <p>Withheld are at most so many words; nothing at all when there is nothing to protect.
 */
public final class LeakWatch {
    /** Words in a row that count as a leak. */
    public static final int RUN = 7;

    private static final String MARKER = "[REDACTED:SYSTEM_PROMPT]";
    private static final Grams NOTHING = new Grams(0);
    private static final int LONGEST_WORD = 64;
    private static final int LONGEST_GAP = 32;
    private static final long STEP = 0x9e3779b97f4a7c15L;

    /** From this length on a word may go on over the signs of base64. */
    private static final int ENCODED = 12;

    private final List<Grams> runs = new ArrayList<>();
    private final int run;
    private final EncodedRuns encoded;
    private final StringBuilder pending = new StringBuilder();
    private final List<Word> words = new ArrayList<>();
    private final StringBuilder out = new StringBuilder();
    private final List<Leak> leaks = new ArrayList<>(0);
    private long word;
    private int wordStart;
    private int gap;
    private long at;
    private boolean leaking;
    private boolean leakingEncoded;
    private long written;

    /** A stretch that was taken out, in the text that went in and in the text that came out. */
    public record Leak(long start, long end, long outputAt, int outputLength) {}

    private record Word(long hash, int start) {}

    /** Watches for these texts. */
    public LeakWatch(List<String> texts) {
        int shortest = RUN;
        int total = 0;
        List<long[]> all = new ArrayList<>(texts.size());
        List<String> longEnough = new ArrayList<>(texts.size());
        for (String text : texts) {
            long[] hashes = hashes(text);
            if (hashes.length >= 4) {
                shortest = Math.min(shortest, hashes.length);
                longEnough.add(text);
                for (long[] way : List.of(hashes, hashes(reversed(text)), hashes(rot13(text)))) {
                    total += way.length;
                    all.add(way);
                }
            }
        }
        this.run = shortest;
        this.encoded = new EncodedRuns(longEnough);
        if (all.isEmpty()) {
            runs.add(NOTHING);
            return;
        }
        for (int n = 1; n <= run; n++) {
            Grams grams = new Grams(total);
            for (long[] hashes : all) {
                for (int i = 0; i + n <= hashes.length; i++) {
                    grams.add(gram(hashes, i, n));
                }
            }
            runs.add(grams);
        }
    }

    /** Whether there is anything to watch for. */
    public boolean idle() {
        return runs.getFirst().isEmpty();
    }

    /** Takes a piece and gives what may go on. */
    public String feed(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            step(text.charAt(i));
            at++;
        }
        return drain();
    }

    /** Gives the rest. */
    public String finish() {
        if (leakingEncoded) {
            extend(at);
            leakingEncoded = false;
        }
        endWord();
        release();
        return drain();
    }

    /** What has been taken out. */
    public List<Leak> leaks() {
        return leaks;
    }

    private String drain() {
        String leaving = out.toString();
        out.setLength(0);
        return leaving;
    }

    private void step(char c) {
        if (leakingEncoded) {
            goOnEncoded(c);
            return;
        }
        if (part(c) || (word != 0 && joins(c, pending.length() - wordStart))) {
            if (word == 0) {
                wordStart = pending.length();
                encoded.begin();
            }
            word = (word + lower(c)) * STEP;
            pending.append(c);
            gap = 0;
            if (encoded.feed(c)) {
                takeOutEncoded();
                return;
            }
            if (pending.length() - wordStart > LONGEST_WORD) {
                endWord();
                release();
            }
            return;
        }
        endWord();
        pending.append(c);
        gap++;
        if (words.isEmpty() || gap > LONGEST_GAP) {
            release();
        }
    }

    private void endWord() {
        if (word == 0) {
            return;
        }
        words.add(new Word(word, wordStart));
        word = 0;
        // Words are let go from the front until the rest may be the beginning of a leak.
        while (!words.isEmpty() && !known()) {
            leaking = false;
            letFirstGo();
        }
        if (words.size() >= run) {
            takeOut();
        }
    }

    private boolean known() {
        long gram = 0;
        for (Word each : words) {
            gram = (gram ^ each.hash()) * STEP;
        }
        return runs.get(words.size() - 1).contains(gram);
    }

    private void letFirstGo() {
        words.removeFirst();
        int upTo = words.isEmpty() ? pending.length() : words.getFirst().start();
        write(upTo);
    }

    /** The run is long enough: what is withheld goes, and its last words stay as a start. */
    private void takeOut() {
        int from = leaking ? 0 : words.getFirst().start();
        write(from);
        long end = at;
        if (leaking) {
            Leak last = leaks.removeLast();
            leaks.add(new Leak(last.start(), end, last.outputAt(), last.outputLength()));
        } else {
            leaks.add(new Leak(end - pending.length(), end, written, MARKER.length()));
            out.append(MARKER);
            written += MARKER.length();
        }
        leaking = true;
        pending.setLength(0);
        List<Word> rest = new ArrayList<>(words.subList(1, words.size()));
        words.clear();
        rest.forEach(w -> words.add(new Word(w.hash(), 0)));
    }

    /** The word so far is base64 of a protected text; what was withheld before it leaves. */
    private void takeOutEncoded() {
        int from = wordStart;
        write(from);
        words.clear();
        leaking = false;
        leaks.add(new Leak(at + 1 - pending.length(), at + 1, written, MARKER.length()));
        out.append(MARKER);
        written += MARKER.length();
        pending.setLength(0);
        word = 0;
        leakingEncoded = true;
    }

    /** Groups that continue the leak go with it; the first that does not is text again. */
    private void goOnEncoded(char c) {
        boolean letter = part(c) || joins(c, ENCODED);
        if (letter) {
            pending.append(c);
            boolean continues = encoded.feed(c);
            if (!encoded.betweenGroups()) {
                return;
            }
            if (continues) {
                extend(at + 1);
                return;
            }
        } else if (c == '=') {
            extend(at + 1);
            return;
        }
        leakingEncoded = false;
        if (!letter) {
            // The letters of a last, unfinished group belong to what went before.
            extend(at);
            step(c);
            return;
        }
        release();
    }

    private void extend(long end) {
        Leak last = leaks.removeLast();
        leaks.add(new Leak(last.start(), end, last.outputAt(), last.outputLength()));
        pending.setLength(0);
    }

    private void release() {
        write(pending.length());
        words.clear();
        leaking = false;
    }

    private void write(int upTo) {
        if (upTo == 0) {
            return;
        }
        out.append(pending, 0, upTo);
        written += upTo;
        pending.delete(0, upTo);
        wordStart = Math.max(0, wordStart - upTo);
        for (int i = 0; i < words.size(); i++) {
            Word each = words.get(i);
            words.set(i, new Word(each.hash(), Math.max(0, each.start() - upTo)));
        }
    }

    private static boolean joins(char c, int length) {
        return length >= ENCODED && (c == '+' || c == '/');
    }

    private static String reversed(String text) {
        return new StringBuilder(text).reverse().toString();
    }

    private static String rot13(String text) {
        StringBuilder turned = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char from = (char) (c & ~0x20);
            boolean letter = from >= 'A' && from <= 'Z' && c < 128;
            turned.append(letter ? (char) (c + (from < 'N' ? 13 : -13)) : c);
        }
        return turned.toString();
    }

    private static boolean part(char c) {
        return c < 128 ? Chars.alnum(c) : Character.isLetterOrDigit(c);
    }

    private static char lower(char c) {
        return Chars.upper(c) ? (char) (c | 0x20) : c < 128 ? c : Character.toLowerCase(c);
    }

    private static long gram(long[] hashes, int from, int n) {
        long gram = 0;
        for (int i = from; i < from + n; i++) {
            gram = (gram ^ hashes[i]) * STEP;
        }
        return gram;
    }

    private static long[] hashes(String text) {
        long[] hashes = new long[16];
        int size = 0;
        long word = 0;
        int length = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : ' ';
            if (part(c) || (word != 0 && joins(c, length))) {
                word = (word + lower(c)) * STEP;
                length++;
            } else if (word != 0) {
                if (size == hashes.length) {
                    hashes = Arrays.copyOf(hashes, 2 * size);
                }
                hashes[size++] = word;
                word = 0;
                length = 0;
            }
        }
        return Arrays.copyOf(hashes, size);
    }
}
