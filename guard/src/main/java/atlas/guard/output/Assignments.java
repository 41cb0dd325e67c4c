package atlas.guard.output;

import java.util.Locale;

/**
 * Secrets without a form of their own, known by what they are assigned to and by looking drawn by
 * lot: {@code password=…}, {@code token: "…"}, {@code Authorization: Bearer …}.
 */
final class Assignments {
    private static final String[] PASSWORD = {
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "passwort",
        "contraseña",
        "mot de passe",
        "kennwort"
    };
    private static final String[] KEY = {
        "secret",
        "token",
        "apikey",
        "api_key",
        "api-key",
        "api key",
        "access_key",
        "access key",
        "accesskey",
        "private_key",
        "private key",
        "credential",
        "bearer",
        "authorization",
        "auth",
        "license_key",
        "licensekey",
        "signing",
        "webhook",
        "key",
        "basic",
        "x-api",
        "client_id"
    };
    private static final String[] PUBLIC = {
        "sha256",
        "sha384",
        "sha512",
        "sha1",
        "sha-",
        "md5",
        "etag",
        "integrity",
        "commit",
        "trace",
        "span_id",
        "digest",
        "checksum",
        "hash",
        "uuid",
        "guid",
        "base64,",
        "fingerprint",
        "revision",
        "image:",
        "uses:",
        "apiversion",
        "request id",
        "public key",
        "public_key",
        "publickey",
        "ssh-rsa",
        "nonce",
        "cursor"
    };
    private static final String[] FILLED = {
        "example",
        "placeholder",
        "changeme",
        "your",
        "xxxx",
        "****",
        "insert",
        "redacted",
        "dummy",
        "env.",
        "getenv",
        "process.",
        "config.",
        "settings.",
        "...",
        "todo",
        "${",
        "{{",
        "none",
        "null",
        "true",
        "false",
        "string",
        "undefined",
        "required",
        "optional"
    };

    private Assignments() {}

    static void find(Unit unit) {
        String text = unit.text();
        if (quoted(unit.before())) {
            value(unit, text, 0, text.length());
        }
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = unit.at(i);
            boolean ends =
                    i == text.length()
                            || (c == '=' && assigns(text, i))
                            || c == ':'
                            || c == ' '
                            || c == '&'
                            || c == '?'
                            || c == '('
                            || c == ')'
                            || c == '#';
            if (ends) {
                value(unit, text, start, i);
                start = i + 1;
            }
        }
    }

    private static boolean quoted(String before) {
        return before.endsWith("\"") || before.endsWith("'") || before.endsWith("`");
    }

    /** An equals sign that pads base64 assigns nothing. */
    private static boolean assigns(String text, int at) {
        return at + 1 < text.length()
                && text.charAt(at + 1) != '='
                && text.charAt(at + 1) != ' '
                && text.charAt(at + 1) != '&';
    }

    private static void value(Unit unit, String text, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && "=@:/!~".indexOf(text.charAt(start)) >= 0) {
            start++;
        }
        while (end > start && ".!?,:".indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        int length = end - start;
        if (length < 6 || length > 1024 || unit.taken(start, end)) {
            return;
        }
        String value = text.substring(start, end);
        Look look = Look.of(value);
        String lead = lead(unit, start);
        if (filled(value.toLowerCase(Locale.ROOT)) || !assigned(lead)) {
            return;
        }
        if (password(lead, value, look)) {
            unit.found("PASSWORD", "assigned-password", start, end);
        } else if (key(unit, start, look)) {
            unit.found("SECRET", "assigned-secret", start, end);
        }
    }

    /** What stands right before the value. */
    private static String lead(Unit unit, int start) {
        String both = unit.before() + unit.text().substring(0, start).toLowerCase(Locale.ROOT);
        return both.substring(Math.max(0, both.length() - 40));
    }

    /**
     * Whether the end of {@code lead} hands a value over: a sign, a quote, or a word like bearer.
     */
    private static boolean assigned(String lead) {
        String bare = lead.stripTrailing();
        if (bare.isEmpty()) {
            return false;
        }
        char last = bare.charAt(bare.length() - 1);
        return "=:'\"`>(|".indexOf(last) >= 0
                || bare.endsWith("aqaaabaaa")
                || bare.endsWith("bearer")
                || bare.endsWith("basic")
                || bare.endsWith("token")
                || bare.endsWith("password")
                || bare.endsWith("secret")
                || bare.endsWith("key")
                || bare.endsWith(" is")
                || bare.endsWith("-p");
    }

    private static boolean password(String lead, String value, Look look) {
        String close = lead.substring(Math.max(0, lead.length() - 22));
        boolean named = false;
        for (String word : PASSWORD) {
            named |= close.contains(word);
        }
        boolean strong = (look.digits > 0 && look.letters > 0) || look.signs > 1 || look.mixed;
        return named && strong && value.length() <= 128 && value.indexOf('(') < 0 && !look.path;
    }

    private static boolean key(Unit unit, int start, Look look) {
        if (unit.near(start, 36, PUBLIC) || look.path || look.letters < 2) {
            return false;
        }
        boolean named = unit.near(start, 56, KEY);
        if (look.digits < 2) {
            // Without digits only the mix of capitals tells lots from words.
            return named && look.length >= 20 && look.caseTurns * 10 >= look.length * 3;
        }
        if (look.constant || (look.dots > 0 && look.digits < 4)) {
            return false;
        }
        if (look.uuid) {
            return named;
        }
        if (look.hexOnly) {
            return look.length >= 20 && (named || look.length == 32) && look.bits > 2.8;
        }
        return named
                ? look.length >= 12 && look.bits > 3.0 && (look.length >= 20 || look.digits > 2)
                : look.length >= 20 && look.bits > 3.6 && look.digits > 3 && look.turns > 5;
    }

    private static boolean filled(String value) {
        for (String word : FILLED) {
            if (value.contains(word)) {
                return true;
            }
        }
        return value.startsWith("$") || value.startsWith("%") || value.startsWith("<");
    }

    /** What a value looks like. */
    private static final class Look {
        private int length;
        private int digits;
        private int letters;
        private int signs;
        private int turns;
        private int caseTurns;
        private int dots;
        private boolean constant;
        private boolean mixed;
        private boolean hexOnly = true;
        private boolean uuid;
        private boolean path;
        private double bits;

        static Look of(String value) {
            Look look = new Look();
            look.length = value.length();
            boolean lower = false;
            boolean upper = false;
            int slashes = 0;
            int lines = 0;
            int kind = 0;
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                int now = Chars.digit(c) ? 1 : Chars.letter(c) ? 2 : 3;
                look.digits += now == 1 ? 1 : 0;
                look.letters += now == 2 ? 1 : 0;
                look.signs += now == 3 ? 1 : 0;
                // A change between letters and digits; words with a number at the end have one.
                look.turns += kind != 0 && kind != now ? 1 : 0;
                kind = now;
                lower |= c >= 'a' && c <= 'z';
                upper |= Chars.upper(c);
                look.hexOnly &= Chars.hex(c);
                slashes += c == '/' ? 1 : 0;
                look.dots += c == '.' ? 1 : 0;
                lines += c == '_' ? 1 : 0;
                look.caseTurns += i > 0 && turnsCase(value.charAt(i - 1), c) ? 1 : 0;
            }
            look.mixed = lower && upper;
            look.constant = upper && !lower && lines > 2;
            look.uuid =
                    value.length() == 36
                            && value.charAt(8) == '-'
                            && value.charAt(13) == '-'
                            && value.charAt(18) == '-'
                            && value.charAt(23) == '-';
            look.path =
                    (slashes > 1 && look.length < 60 && !value.endsWith("="))
                            || (look.dots > 3 && look.length < 40)
                            || value.startsWith("/")
                            || value.startsWith("./")
                            || value.contains("//");
            look.bits = Entropy.bits(value, 0, value.length());
            return look;
        }

        private static boolean turnsCase(char before, char now) {
            return Chars.letter(before)
                    && Chars.letter(now)
                    && Chars.upper(before) != Chars.upper(now);
        }
    }
}
