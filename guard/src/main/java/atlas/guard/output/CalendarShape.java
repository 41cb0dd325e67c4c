package atlas.guard.output;

/** Knows dates and times, so that they are not taken for numbers of people. */
final class CalendarShape {
    private CalendarShape() {}

    /** Whether a text begins like {@code 2024-03-15} or {@code 15.03.2024}. */
    static boolean date(String raw) {
        if (raw.indexOf(' ') >= 0) {
            return false;
        }
        int first = digits(raw, 0);
        int second = digits(raw, first + 1);
        int third = digits(raw, first + second + 2);
        boolean yearFirst = first == 4 && second == 2 && third == 2;
        boolean yearLast = first <= 2 && first > 0 && second <= 2 && second > 0 && third == 4;
        return yearFirst || yearLast;
    }

    private static int digits(String raw, int from) {
        int end = from;
        while (end < raw.length() && Chars.digit(raw.charAt(end))) {
            end++;
        }
        return end - from;
    }
}
