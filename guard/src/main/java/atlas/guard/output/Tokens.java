package atlas.guard.output;

/** Credentials known by their form: JSON web tokens, bot tokens, connection strings. */
final class Tokens {
    private Tokens() {}

    static void find(Unit unit) {
        String text = unit.text();
        jwt(unit, text);
        connection(unit, text);
        telegram(unit, text);
        discord(unit, text);
    }

    private static void jwt(Unit unit, String text) {
        for (int i = text.indexOf("eyJ"); i >= 0; i = text.indexOf("eyJ", i + 1)) {
            if (i > 0 && Chars.alnum(text.charAt(i - 1))) {
                continue;
            }
            int end = run(text, i);
            int dot = end < text.length() && text.charAt(end) == '.' ? end : -1;
            if (dot < 0 || (!text.startsWith("eyJ", dot + 1) && end - i < 16)) {
                continue;
            }
            int payload = run(text, dot + 1);
            if (payload - dot < 12) {
                continue;
            }
            int last = payload;
            while (last < text.length() && text.charAt(last) == '.') {
                last = run(text, last + 1);
            }
            while (text.charAt(last - 1) == '.') {
                last--;
            }
            unit.found("JWT", "jwt", i, last);
            i = last - 1;
        }
    }

    private static int run(String text, int from) {
        int end = from;
        while (end < text.length()
                && (Chars.alnum(text.charAt(end)) || "_-=+/".indexOf(text.charAt(end)) >= 0)) {
            end++;
        }
        return end;
    }

    /** {@code scheme://name:password@host}; the password goes, the rest may stay. */
    private static void connection(Unit unit, String text) {
        int scheme = text.indexOf("://");
        while (scheme > 0) {
            int end = scheme + 3;
            int colon = -1;
            int at = -1;
            while (end < text.length() && text.charAt(end) != '/' && text.charAt(end) != '?') {
                char c = text.charAt(end);
                if (c == ':' && colon < 0) {
                    colon = end;
                } else if (c == '@') {
                    at = end;
                }
                end++;
            }
            if (colon > 0 && at > colon + 2) {
                secretPart(unit, text, colon + 1, at);
            }
            scheme = text.indexOf("://", Math.max(end, scheme + 3));
        }
    }

    private static void secretPart(Unit unit, String text, int start, int end) {
        String password = text.substring(start, end);
        boolean filled =
                password.startsWith("$")
                        || password.startsWith("%")
                        || password.startsWith("*")
                        || password.equalsIgnoreCase("password")
                        || password.equalsIgnoreCase("pass");
        if (!filled && !unit.taken(start, end)) {
            unit.found("CONNECTION_PASSWORD", "url-password", start, end);
        }
    }

    private static void telegram(Unit unit, String text) {
        int colon = text.indexOf(":AA");
        if (colon < 8) {
            return;
        }
        int start = colon;
        while (start > 0 && Chars.digit(text.charAt(start - 1))) {
            start--;
        }
        int end = run(text, colon + 1);
        if (colon - start >= 8 && colon - start <= 10 && end - colon - 1 >= 34) {
            unit.found("TELEGRAM_TOKEN", "telegram", start, end);
        }
    }

    private static void discord(Unit unit, String text) {
        int first = text.indexOf('.');
        if (first < 23 || "MNO".indexOf(text.charAt(first < 26 ? 0 : first - 26)) < 0) {
            return;
        }
        int second = text.indexOf('.', first + 1);
        int start = first;
        while (start > 0
                && (Chars.alnum(text.charAt(start - 1)) || text.charAt(start - 1) == '_')) {
            start--;
        }
        if (second - first >= 6
                && second - first <= 8
                && first - start >= 23
                && first - start <= 28) {
            int end = run(text, second + 1);
            if (end - second > 27) {
                unit.found("DISCORD_TOKEN", "discord", start, end);
            }
        }
    }
}
