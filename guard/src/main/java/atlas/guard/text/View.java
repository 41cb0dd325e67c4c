package atlas.guard.text;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One reading of a text: folded characters, and for each of them where it came from. Views of
 * decoded layers point at what was decoded.
 */
public final class View {
    private final Layer layer;
    private final char[] chars;
    private final int length;
    private final int[] starts;
    private final int @Nullable [] ends;

    private View(Layer layer, char[] chars, int length, int[] starts, int @Nullable [] ends) {
        this.layer = layer;
        this.chars = chars;
        this.length = length;
        this.starts = starts;
        this.ends = ends;
    }

    /** How this reading was made. */
    public Layer layer() {
        return layer;
    }

    /** The folded characters; only the first {@link #length} count, and nobody changes them. */
    public char[] chars() {
        return chars;
    }

    public int length() {
        return length;
    }

    /** Where in the original the character at {@code index} begins. */
    public int start(int index) {
        return starts[index];
    }

    /** Where in the original the character at {@code index} ends. */
    public int end(int index) {
        return ends == null ? starts[index] + 1 : ends[index];
    }

    @Override
    public String toString() {
        return new String(chars, 0, length);
    }

    /** The same characters read backwards. */
    View reversed() {
        char[] back = new char[length];
        int[] from = new int[length];
        int[] to = new int[length];
        for (int i = 0; i < length; i++) {
            int j = length - 1 - i;
            back[i] = chars[j];
            from[i] = start(j);
            to[i] = end(j);
        }
        return new View(Layer.REVERSED, back, length, from, to);
    }

    /** The same text with each character replaced through {@code table}, where it has an entry. */
    View mapped(Layer made, char[] table) {
        char[] mapped = new char[length];
        for (int i = 0; i < length; i++) {
            char c = chars[i];
            mapped[i] = c < table.length && table[c] != 0 ? table[c] : c;
        }
        return new View(made, mapped, length, starts, ends);
    }

    /**
     * Grows a view; collapses runs of blanks to one blank, or one line break where there is one.
     */
    static final class Builder {
        private char[] chars;
        private int[] starts;
        private int @Nullable [] ends;
        private int length;

        Builder(int expected) {
            chars = new char[Math.max(16, expected)];
            starts = new int[chars.length];
        }

        void add(char c, int start, int end) {
            if (length > 0 && (c == ' ' || c == '\n')) {
                char last = chars[length - 1];
                if (last == ' ' || last == '\n') {
                    if (c == '\n') {
                        chars[length - 1] = '\n';
                    }
                    return;
                }
            }
            if (length == chars.length) {
                grow();
            }
            if (ends == null && end != start + 1) {
                ends = new int[chars.length];
                for (int i = 0; i < length; i++) {
                    ends[i] = starts[i] + 1;
                }
            }
            chars[length] = c;
            starts[length] = start;
            if (ends != null) {
                ends[length] = end;
            }
            length++;
        }

        int length() {
            return length;
        }

        View build(Layer layer) {
            return new View(layer, chars, length, starts, ends);
        }

        private void grow() {
            int size = chars.length + (chars.length >> 1);
            chars = Arrays.copyOf(chars, size);
            starts = Arrays.copyOf(starts, size);
            if (ends != null) {
                ends = Arrays.copyOf(ends, size);
            }
        }
    }
}
