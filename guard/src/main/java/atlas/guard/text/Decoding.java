package atlas.guard.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gets text out of the encodings people hide it in. Each method is one or two linear passes. */
final class Decoding {
    private static final int MIN_RUN = 16;
    private static final int MIN_SPACED = 5;
    private static final int MIN_BINARY = 4 * 8;
    private static final char[] NO_CHARS = {};
    private static final int[] NO_PLACES = {};

    private Decoding() {}

    /** What base64, hexadecimal and binary runs say, one to a line; null when there are none. */
    static @Nullable Decoded runs(String text) {
        List<Decoded> found = new ArrayList<>(1);
        int n = text.length();
        for (int i = 0; i < n; ) {
            if (!base64(text.charAt(i))) {
                i++;
                continue;
            }
            int end = i + 1;
            while (end < n && base64(text.charAt(end))) {
                end++;
            }
            int grouped = groups(text, i, end);
            if (grouped > end) {
                digits(text, i, grouped, found);
                end = grouped;
            } else if (end - i >= MIN_RUN && !digits(text, i, end, found)) {
                base64(text, i, end, found);
            }
            i = end;
        }
        return found.isEmpty() ? null : Decoded.joined(found);
    }

    /** Where a row of short digit groups like {@code 69 67 6e} or {@code \x69\x67} ends. */
    private static int groups(String text, int start, int end) {
        int width = end - start;
        if ((width != 2 && width != 8) || !hexRun(text, start, end)) {
            return end;
        }
        int last = end;
        while (last + 1 + width <= text.length()
                && text.charAt(last) == ' '
                && hexRun(text, last + 1, last + 1 + width)
                && (last + 1 + width == text.length() || !base64(text.charAt(last + 1 + width)))) {
            last += 1 + width;
        }
        return last;
    }

    private static boolean digits(String text, int start, int end, List<Decoded> found) {
        byte[] nibbles = new byte[end - start];
        int count = 0;
        boolean binary = true;
        int from = text.startsWith("0x", start) ? start + 2 : start;
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            if (c == ' ') {
                continue;
            }
            int value = hex(c);
            if (value < 0) {
                return false;
            }
            binary &= value < 2;
            nibbles[count++] = (byte) value;
        }
        int bits = binary && count >= MIN_BINARY && count % 8 == 0 ? 1 : 4;
        if (count < MIN_RUN || count * bits % 8 != 0) {
            return false;
        }
        byte[] bytes = new byte[count * bits / 8];
        for (int i = 0; i < count; i++) {
            int at = i * bits / 8;
            bytes[at] = (byte) (bytes[at] << bits | nibbles[i]);
        }
        return keep(bytes, bytes.length, Layer.HEX, start, end, found);
    }

    private static boolean base64(String text, int start, int end, List<Decoded> found) {
        byte[] bytes = new byte[(end - start) * 3 / 4 + 3];
        int size = 0;
        int buffer = 0;
        int bits = 0;
        for (int i = start; i < end; i++) {
            int value = sextet(text.charAt(i));
            if (value < 0) {
                break;
            }
            buffer = buffer << 6 | value;
            bits += 6;
            if (bits >= 8) {
                bits -= 8;
                bytes[size++] = (byte) (buffer >> bits);
            }
            if (size == 12 && readable(bytes, size) == null) {
                return false;
            }
        }
        return keep(bytes, size, Layer.BASE64, start, end, found);
    }

    private static boolean keep(
            byte[] bytes, int size, Layer layer, int start, int end, List<Decoded> found) {
        String text = readable(bytes, size);
        if (text == null || text.length() < 6) {
            return false;
        }
        found.add(Decoded.run(layer, text, start, end));
        return true;
    }

    /**
     * The bytes as UTF-8 text when nearly all of it is letters and blanks; a torn end is let go.
     */
    private static @Nullable String readable(byte[] bytes, int size) {
        String text = TornUtf8.text(bytes, size);
        if (text == null) {
            return null;
        }
        int good = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t') {
                return null;
            }
            good += Character.isLetter(c) || c == ' ' || c == '.' || c == ',' ? 1 : 0;
        }
        return good * 10 >= text.length() * 7 ? text : null;
    }

    /** What tag characters and variation selectors spell. */
    static Decoded smuggled(String text) {
        StringBuilder tags = new StringBuilder();
        byte[] bytes = new byte[text.length()];
        int size = 0;
        int start = text.length();
        int end = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int width = Character.charCount(c);
            if (Folding.tag(c)) {
                tags.append((char) (c - 0xe0000));
            } else if (Folding.selector(c)) {
                bytes[size++] = (byte) (c >= 0xe0100 ? c - 0xe0100 + 16 : c - 0xfe00);
            }
            if (Folding.tag(c) || Folding.selector(c)) {
                start = Math.min(start, i);
                end = i + width;
            }
            i += width;
        }
        String spelled = readable(bytes, size);
        if (spelled != null) {
            tags.append(tags.isEmpty() ? "" : " ").append(spelled);
        }
        return Decoded.run(Layer.INVISIBLE, tags.toString(), start, end);
    }

    /** Words whose letters stand apart, joined; two or more blanks end a word. */
    static @Nullable Decoded spaced(String text) {
        int n = text.length();
        char[] out = NO_CHARS;
        int[] starts = NO_PLACES;
        int size = 0;
        int found = 0;
        for (int i = 0; i + 8 < n; ) {
            int end = gap(text.charAt(i + 1)) ? spacedRun(text, i) : i;
            if (end == i) {
                i++;
                continue;
            }
            if (found == 0) {
                out = new char[n];
                starts = new int[n];
            }
            found++;
            if (size > 0) {
                out[size] = ' ';
                starts[size++] = i;
            }
            char gap = text.charAt(i + 1);
            for (int k = i; k < end; k++) {
                char c = text.charAt(k);
                boolean single =
                        c == gap
                                && text.charAt(k - 1) != gap
                                && k + 1 < end
                                && text.charAt(k + 1) != gap;
                if (!single) {
                    out[size] = c == gap ? ' ' : c;
                    starts[size++] = k;
                }
            }
            i = end;
        }
        if (found == 0) {
            return null;
        }
        int[] from = Arrays.copyOf(starts, size);
        int[] to = new int[size];
        for (int i = 0; i < size; i++) {
            to[i] = from[i] + 1;
        }
        return new Decoded(Layer.SPACED, new String(out, 0, size), from, to);
    }

    /** What may stand between letters that are set apart. */
    private static boolean gap(char c) {
        return switch (c) {
            case ' ', '.', '-', '_', '*', '~', '|', '/', '\u00b7' -> true;
            default -> false;
        };
    }

    /** Where a run like {@code i g n o r e} that begins at {@code start} ends, or {@code start}. */
    private static int spacedRun(String text, int start) {
        if (!Character.isLetterOrDigit(text.charAt(start))
                || (start > 0 && Character.isLetterOrDigit(text.charAt(start - 1)))) {
            return start;
        }
        char gap = text.charAt(start + 1);
        int letters = 1;
        int last = start;
        for (int i = start + 1; i < text.length(); ) {
            int blanks = 0;
            while (i < text.length() && text.charAt(i) == gap && blanks < 4) {
                i++;
                blanks++;
            }
            boolean alone =
                    blanks > 0
                            && i < text.length()
                            && Character.isLetterOrDigit(text.charAt(i))
                            && (i + 1 == text.length()
                                    || !Character.isLetterOrDigit(text.charAt(i + 1)));
            if (!alone) {
                break;
            }
            last = i;
            letters++;
            i++;
        }
        return letters >= MIN_SPACED ? last + 1 : start;
    }

    /** The text with URL, HTML and backslash escapes resolved, when it holds some. */
    static @Nullable Decoded escapes(String text) {
        int n = text.length();
        char[] out = new char[n];
        int[] starts = new int[n];
        int[] ends = new int[n];
        int size = 0;
        int found = 0;
        for (int i = 0; i < n; ) {
            long escape = Escapes.at(text, i);
            int width = (int) (escape >>> 32);
            out[size] = width == 0 ? text.charAt(i) : (char) escape;
            width = Math.max(1, width);
            found += width > 1 ? 1 : 0;
            starts[size] = i;
            i += width;
            ends[size++] = i;
        }
        return found < 3
                ? null
                : new Decoded(
                        Layer.ESCAPED,
                        new String(out, 0, size),
                        Arrays.copyOf(starts, size),
                        Arrays.copyOf(ends, size));
    }

    private static boolean hexRun(String text, int start, int end) {
        for (int i = start; i < end; i++) {
            if (hex(text.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    static int hex(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int lower = c | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    private static boolean base64(char c) {
        return sextet(c) >= 0 || c == '=';
    }

    private static int sextet(char c) {
        if (c >= 'A' && c <= 'Z') {
            return c - 'A';
        }
        if (c >= 'a' && c <= 'z') {
            return c - 'a' + 26;
        }
        if (c >= '0' && c <= '9') {
            return c - '0' + 52;
        }
        return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
    }
}
