package atlas.guard.output;

import atlas.guard.output.Numbers.Number;
import java.util.Optional;

/** Telephone numbers: with a plus, in the shape of a country, or where the text says so. */
final class Phones {
    private static final String[] NAMED = {
        "phone",
        "tel",
        "mobile",
        "cell",
        "call ",
        "fax",
        "whatsapp",
        "sms",
        "answering at",
        "reach me",
        "reach us",
        "dial",
        "handy",
        "numero de tel",
        "teléfono",
        "téléphone",
        "contact number",
        "hotline",
        "cn number",
        "us number",
        "international one",
        "ring me",
        "text me",
        "number is"
    };

    private Phones() {}

    static Optional<String> type(Number number) {
        String raw = number.raw();
        String digits = number.bare();
        if (!number.digitsOnly()
                || digits.length() < 7
                || digits.length() > 15
                || raw.indexOf('_') >= 0) {
            return Optional.empty();
        }
        boolean plus = raw.startsWith("+") || number.unit().at(number.start() - 1) == '+';
        boolean dated = raw.indexOf('/') >= 0 || CalendarShape.date(raw);
        boolean phone =
                (plus && digits.length() >= 8)
                        || northAmerican(raw)
                        || (digits.charAt(0) == '0' && !dated && groups(raw) >= 4 && begins(number))
                        || (digits.length() == 11
                                && digits.charAt(0) == '0'
                                && digits.charAt(1) != '0')
                        || (!dated && number.near(NAMED));
        return phone ? Optional.of("PHONE_NUMBER") : Optional.empty();
    }

    /** Whether no group of the same row of digits stands before it. */
    private static boolean begins(Number number) {
        return number.start() == 0 || number.unit().at(number.start() - 1) != ' ';
    }

    private static int groups(String raw) {
        return raw.split("[ .-]+").length;
    }

    /**
     * {@code (415) 555-0132}, {@code 415-555-0132}, {@code 415.555.0132}, {@code 1-415-555-0132}.
     */
    private static boolean northAmerican(String raw) {
        StringBuilder shape = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            shape.append(Chars.digit(c) ? 'd' : c == '.' || c == ' ' ? '-' : c);
        }
        return switch (shape.toString()) {
            case "ddd-ddd-dddd",
                    "(ddd)-ddd-dddd",
                    "(ddd)ddd-dddd",
                    "d-ddd-ddd-dddd",
                    "d-(ddd)-ddd-dddd" ->
                    true;
            default -> false;
        };
    }
}
