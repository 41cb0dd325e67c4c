package atlas.guard.output;

/** E-mail, IP and hardware addresses. */
final class Addresses {
    private Addresses() {}

    static void find(Unit unit) {
        String text = unit.text();
        if (text.indexOf('@') > 0) {
            emails(unit, text);
        }
        if (text.indexOf('.') > 0) {
            ipv4(unit, text);
        }
        if (text.indexOf(':') >= 0 || text.indexOf('-') > 0) {
            hardware(unit, text);
            ipv6(unit, text);
        }
    }

    private static void emails(Unit unit, String text) {
        for (int at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
            int start = at;
            while (start > 0 && local(text.charAt(start - 1))) {
                start--;
            }
            while (start < at && !Chars.alnum(text.charAt(start))) {
                start++;
            }
            int end = at + 1;
            int dot = -1;
            while (end < text.length() && domain(text.charAt(end))) {
                dot = text.charAt(end) == '.' && end > at + 1 ? end : dot;
                end++;
            }
            while (end > at && !Chars.alnum(text.charAt(end - 1))) {
                end--;
            }
            if (dot >= end) {
                dot = text.lastIndexOf('.', end - 1);
            }
            boolean top = dot > at && end - dot > 2 && Chars.letter(text.charAt(end - 1));
            if (start < at && top && !unit.taken(start, end)) {
                unit.found("EMAIL_ADDRESS", "email", start, end);
            }
        }
    }

    private static boolean local(char c) {
        return Chars.alnum(c) || "._%+-".indexOf(c) >= 0;
    }

    private static boolean domain(char c) {
        return Chars.alnum(c) || c == '.' || c == '-';
    }

    private static void ipv4(Unit unit, String text) {
        for (int i = 0; i < text.length(); i++) {
            char before = unit.at(i - 1);
            if (!Chars.digit(text.charAt(i)) || Chars.alnum(before) || before == '.') {
                continue;
            }
            int end = octets(text, i);
            if (end > 0
                    && !Chars.alnum(unit.at(end))
                    && unit.at(end) != '-'
                    && before != '-'
                    && !(unit.at(end) == '.' && Chars.digit(unit.at(end + 1)))
                    && !unit.near(i, 16, "version", " v")
                    && !text.startsWith("0.0.0.0", i)
                    && !text.startsWith("127.0.0.1", i)
                    && !unit.taken(i, end)) {
                unit.found("IP_ADDRESS", "ipv4", i, end);
            }
        }
    }

    private static int octets(String text, int start) {
        int at = start;
        for (int octet = 0; octet < 4; octet++) {
            int value = 0;
            int digits = 0;
            while (at < text.length() && Chars.digit(text.charAt(at)) && digits < 4) {
                value = value * 10 + text.charAt(at) - '0';
                at++;
                digits++;
            }
            if (digits == 0 || digits > 3 || value > 255) {
                return -1;
            }
            if (octet < 3) {
                if (at >= text.length() || text.charAt(at) != '.') {
                    return -1;
                }
                at++;
            }
        }
        return at;
    }

    private static void hardware(Unit unit, String text) {
        for (int i = 0; i + 17 <= text.length(); i++) {
            if (Chars.alnum(unit.at(i - 1)) || Chars.alnum(unit.at(i + 17))) {
                continue;
            }
            char gap = text.charAt(i + 2);
            boolean good = (gap == ':' || gap == '-') && unit.at(i + 17) != gap;
            boolean zero = true;
            for (int k = 0; k < 17 && good; k++) {
                char c = text.charAt(i + k);
                good = k % 3 == 2 ? c == gap : Chars.hex(c);
                zero &= k % 3 == 2 || c == '0';
            }
            if (good && !zero) {
                unit.found("MAC_ADDRESS", "mac", i, i + 17);
            }
        }
    }

    private static void ipv6(Unit unit, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((!Chars.hex(c) && c != ':')
                    || Chars.alnum(unit.at(i - 1))
                    || unit.at(i - 1) == ':') {
                continue;
            }
            int end = i;
            int groups = 0;
            int width = 0;
            int gaps = 0;
            int digits = 0;
            boolean good = true;
            while (end < text.length()
                    && (Chars.hex(text.charAt(end)) || text.charAt(end) == ':')) {
                char d = text.charAt(end);
                if (d == ':') {
                    gaps += unit.at(end + 1) == ':' ? 1 : 0;
                    width = 0;
                } else {
                    groups += width == 0 ? 1 : 0;
                    digits += Chars.digit(d) ? 1 : 0;
                    good &= ++width <= 4;
                }
                end++;
            }
            boolean whole = gaps == 0 && groups == 8;
            boolean shortened = gaps == 1 && groups >= 2 && groups < 8 && digits > 0;
            if (good && (whole || shortened) && !Chars.alnum(unit.at(end)) && !unit.taken(i, end)) {
                unit.found("IP_ADDRESS", "ipv6", i, end);
            }
            i = end;
        }
    }
}
