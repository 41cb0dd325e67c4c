package atlas.guard.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A run of text that is judged as one: a token without blanks, or short groups with single blanks
 * between them, as numbers are written. What stood before it is at hand for judging by context.
 */
final class Unit {
    private final String text;
    private final CharSequence preceding;
    private @Nullable String before;
    private @Nullable String lower;
    private final List<Span> spans = new ArrayList<>(0);

    /**
     * @param preceding must stay as it is while the unit is judged
     */
    Unit(String text, CharSequence preceding) {
        this.text = text;
        this.preceding = preceding;
    }

    String text() {
        return text;
    }

    /** The stretch before the unit in lower case, some hundred characters at most. */
    String before() {
        String known = before;
        if (known == null) {
            known = preceding.toString().toLowerCase(Locale.ROOT);
            before = known;
        }
        return known;
    }

    private String lower() {
        String known = lower;
        if (known == null) {
            known = text.toLowerCase(Locale.ROOT);
            lower = known;
        }
        return known;
    }

    char at(int index) {
        return index >= 0 && index < text.length() ? text.charAt(index) : '\0';
    }

    int length() {
        return text.length();
    }

    /** Whether one of these words stands within {@code reach} characters before {@code index}. */
    boolean near(int index, int reach, String... words) {
        String close = close(index, reach);
        for (String word : words) {
            if (close.contains(word)) {
                return true;
            }
        }
        return false;
    }

    /** The last {@code reach} characters before {@code index}, in lower case. */
    private String close(int index, int reach) {
        String outside = before();
        // Lower case is as long as the text, except for a few letters of some scripts.
        String inside =
                lower().length() == text.length()
                        ? lower().substring(0, index)
                        : text.substring(0, index).toLowerCase(Locale.ROOT);
        int missing = reach - inside.length();
        return missing <= 0
                ? inside.substring(-missing)
                : outside.substring(Math.max(0, outside.length() - missing)) + inside;
    }

    void found(String type, String rule, int start, int end) {
        spans.add(new Span(type, rule, start, end));
    }

    /** Whether a stretch overlaps something found already. */
    boolean taken(int start, int end) {
        for (Span span : spans) {
            if (start < span.end() && end > span.start()) {
                return true;
            }
        }
        return false;
    }

    /**
     * What was found, in order and without overlaps; of two that overlap, the first found stays.
     */
    List<Span> spans() {
        if (spans.isEmpty()) {
            return spans;
        }
        List<Span> apart = new ArrayList<>();
        for (Span span : spans) {
            boolean free = true;
            for (Span other : apart) {
                free &= span.start() >= other.end() || span.end() <= other.start();
            }
            if (free) {
                apart.add(span);
            }
        }
        apart.sort((a, b) -> Integer.compare(a.start(), b.start()));
        return apart;
    }
}
