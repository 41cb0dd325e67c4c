package atlas.guard.text;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All readings of one text. The plain view is always there and first; others only where the text
 * gives cause. Decoding goes {@link #MAX_DEPTH} layers deep and never makes more than a fixed
 * amount of new text, so the work is linear in the length of the input.
 */
public final class Canonical {
    /** Layers inside layers that are unpacked. */
    static final int MAX_DEPTH = 3;

    private static final int MIN_BUDGET = 1 << 16;
    private static final char[] LEET = leetTable();
    private static final char[] ROT13 = rot13Table();

    private final List<View> views = new ArrayList<>(2);
    private final Set<Mark> marks = EnumSet.noneOf(Mark.class);
    private int budget;

    private Canonical(int budget) {
        this.budget = budget;
    }

    /** Reads a text. */
    public static Canonical of(String text) {
        Canonical canonical = new Canonical(Math.max(MIN_BUDGET, text.length()));
        canonical.read(text, null, Layer.PLAIN, 0);
        return canonical;
    }

    /** The views, the plain one first. */
    public List<View> views() {
        return views;
    }

    /** Tricks seen on the way. */
    public Set<Mark> marks() {
        return marks;
    }

    /** The plain view with its letters turned by thirteen; the caller has a reason to look. */
    public View rot13() {
        return views.getFirst().mapped(Layer.ROT13, ROT13);
    }

    /** The plain view read backwards; the caller has a reason to look. */
    public View reversed() {
        return views.getFirst().reversed();
    }

    /** Folds {@code text} and unpacks what is in it; {@code origin} maps it back when decoded. */
    private void read(String text, @Nullable Origin origin, Layer layer, int depth) {
        View.Builder plain = new View.Builder(text.length());
        Traits traits = new Traits();
        int n = text.length();
        int most = Math.max(MIN_BUDGET, 2 * n);
        for (int i = 0; i < n; ) {
            char c = text.charAt(i);
            int width = 1;
            if (c < 128) {
                char folded = Folding.ascii(c);
                traits.ascii(folded);
                plain.add(folded, start(origin, i), end(origin, i + 1));
            } else {
                int codePoint = text.codePointAt(i);
                width = Character.charCount(codePoint);
                String folded = Folding.of(codePoint);
                traits.wide(codePoint, folded);
                int kept = folded.length();
                if (kept > 1 && plain.length() + kept > most) {
                    // Letters that stand for whole words, and nothing but them.
                    kept = 1;
                    marks.add(Mark.OVER_BUDGET);
                }
                for (int k = 0; k < kept; k++) {
                    plain.add(folded.charAt(k), start(origin, i), end(origin, i + width));
                }
            }
            i += width;
        }
        View view = plain.build(layer);
        views.add(view);
        traits.report(marks);
        if (traits.leetWords() >= 2) {
            marks.add(Mark.LEET);
            views.add(view.mapped(Layer.LEET, LEET));
        }
        unpack(text, origin, traits, depth);
    }

    private void unpack(String text, @Nullable Origin origin, Traits traits, int depth) {
        if (traits.smuggled() >= 4) {
            marks.add(Mark.SMUGGLED);
            next(Decoding.smuggled(text), origin, Layer.INVISIBLE, depth);
        }
        Decoded spaced = Decoding.spaced(text);
        if (spaced != null) {
            marks.add(Mark.SPACED);
            next(spaced, origin, Layer.SPACED, Math.max(depth, MAX_DEPTH - 1));
        }
        Decoded escaped = traits.escapes() ? Decoding.escapes(text) : null;
        if (escaped != null) {
            marks.add(Mark.ESCAPES);
            next(escaped, origin, Layer.ESCAPED, depth);
        }
        if (traits.longRuns()) {
            Decoded runs = Decoding.runs(text);
            if (runs != null) {
                marks.add(Mark.ENCODED_RUN);
                next(runs, origin, runs.layer(), depth);
            }
        }
    }

    private void next(Decoded decoded, @Nullable Origin outer, Layer layer, int depth) {
        if (depth + 1 > MAX_DEPTH || decoded.text().length() > budget) {
            marks.add(Mark.OVER_BUDGET);
            return;
        }
        budget -= decoded.text().length();
        read(decoded.text(), new Origin(decoded, outer), layer, depth + 1);
    }

    private static int start(@Nullable Origin origin, int index) {
        return origin == null ? index : origin.start(index);
    }

    private static int end(@Nullable Origin origin, int index) {
        return origin == null ? index : origin.end(index);
    }

    /** The way back from decoded text through the layers around it. */
    private record Origin(Decoded decoded, @Nullable Origin outer) {
        int start(int index) {
            int at = decoded.starts()[index];
            return outer == null ? at : outer.start(at);
        }

        int end(int index) {
            int at = decoded.ends()[index - 1];
            return outer == null ? at : outer.end(at);
        }
    }

    private static char[] leetTable() {
        char[] table = new char[128];
        String from = "01345678@$!|+";
        String to = "oieasgtbasiit";
        for (int i = 0; i < from.length(); i++) {
            table[from.charAt(i)] = to.charAt(i);
        }
        return table;
    }

    private static char[] rot13Table() {
        char[] table = new char[128];
        for (char c = 'a'; c <= 'z'; c++) {
            table[c] = (char) ('a' + (c - 'a' + 13) % 26);
        }
        return table;
    }
}
