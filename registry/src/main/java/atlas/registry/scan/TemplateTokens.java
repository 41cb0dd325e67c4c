package atlas.registry.scan;

import java.util.ArrayList;
import java.util.List;

/** Cuts a Jinja template into tokens; what lies outside of its blocks is plain text and skipped. */
final class TemplateTokens {
    static final Token NONE = new Token(Kind.END, "", 0);

    private static final int MAX_TOKENS = 50_000;

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private TemplateTokens(String source) {
        this.source = source;
    }

    enum Kind {
        STATEMENT,
        EXPRESSION,
        NAME,
        TEXT,
        NUMBER,
        OPERATOR,
        END
    }

    record Token(Kind kind, String text, int offset) {
        boolean is(String operatorOrWord) {
            return kind != Kind.TEXT && text.equals(operatorOrWord);
        }

        String shown() {
            return text.length() > 40 ? text.substring(0, 40) : text;
        }
    }

    static List<Token> of(String source) throws Malformed {
        TemplateTokens cutter = new TemplateTokens(source);
        cutter.outside();
        return cutter.tokens;
    }

    private void outside() throws Malformed {
        while (true) {
            int open = source.indexOf('{', at);
            if (open < 0 || open + 1 >= source.length()) {
                return;
            }
            at = open + 2;
            switch (source.charAt(open + 1)) {
                case '{' -> block(Kind.EXPRESSION, "}}", open);
                case '%' -> block(Kind.STATEMENT, "%}", open);
                case '#' -> {
                    int close = source.indexOf("#}", at);
                    if (close < 0) {
                        throw new Malformed("a comment that does not end", open);
                    }
                    at = close + 2;
                }
                default -> at = open + 1;
            }
        }
    }

    private void block(Kind kind, String close, int open) throws Malformed {
        add(kind, "", open);
        if (at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+')) {
            at++;
        }
        int depth = 0;
        while (at < source.length()) {
            char c = source.charAt(at);
            boolean dashed = c == '-' && source.startsWith(close, at + 1);
            if (depth == 0 && (dashed || source.startsWith(close, at))) {
                at += dashed ? 3 : 2;
                add(Kind.END, "", at);
                return;
            }
            depth +=
                    c == '{' || c == '(' || c == '['
                            ? 1
                            : c == '}' || c == ')' || c == ']' ? -1 : 0;
            if (depth < 0) {
                throw new Malformed("unbalanced brackets", at);
            }
            token(c);
        }
        throw new Malformed("a block that does not end", open);
    }

    private void token(char c) throws Malformed {
        int start = at;
        if (Character.isWhitespace(c)) {
            at++;
        } else if (c == '\'' || c == '"') {
            at++;
            while (at < source.length() && source.charAt(at) != c) {
                at += source.charAt(at) == '\\' ? 2 : 1;
            }
            if (at >= source.length()) {
                throw new Malformed("a text that does not end", start);
            }
            add(Kind.TEXT, source.substring(start + 1, at), start);
            at++;
        } else if (Character.isLetter(c) || c == '_') {
            while (at < source.length()
                    && (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_')) {
                at++;
            }
            add(Kind.NAME, source.substring(start, at), start);
        } else if (c >= '0' && c <= '9') {
            while (at < source.length()
                    && (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_')) {
                at++;
            }
            String number = source.substring(start, at);
            if (!number.matches("[0-9]+")) {
                throw new Malformed("a number that is not plain", start);
            }
            add(Kind.NUMBER, number, start);
        } else {
            at += source.startsWith("**", at) || source.startsWith("==", at) ? 2 : 1;
            add(Kind.OPERATOR, source.substring(start, at), start);
        }
    }

    private void add(Kind kind, String text, int offset) throws Malformed {
        if (tokens.size() >= MAX_TOKENS) {
            throw new Malformed("more than " + MAX_TOKENS + " tokens", offset);
        }
        tokens.add(new Token(kind, text, offset));
    }
}
