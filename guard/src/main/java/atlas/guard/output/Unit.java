package atlas.guard.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A run of text that is judged as one: a token without blanks, or short groups with single blanks
 * between them, as numbers are written. What stood before it is at hand for judging by context.
 */
final class Unit {
    private final String text;
    private final String before;
    private final List<Span> spans = new ArrayList<>(2);

    Unit(String text, String before) {
        this.text = text;
        this.before = before.toLowerCase(Locale.ROOT);
    }

    String text() {
        return text;
    }

    /** The stretch before the unit in lower case, some hundred characters at most. */
    String before() {
        return before;
    }

    char at(int index) {
        return index >= 0 && index < text.length() ? text.charAt(index) : '\0';
    }

    int length() {
        return text.length();
    }

    /** Whether one of these words stands within {@code reach} characters before {@code index}. */
    boolean near(int index, int reach, String... words) {
        String inside = text.substring(0, index).toLowerCase(Locale.ROOT);
        String both = before + inside;
        String close = both.substring(Math.max(0, both.length() - reach));
        for (String word : words) {
            if (close.contains(word)) {
                return true;
            }
        }
        return false;
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
