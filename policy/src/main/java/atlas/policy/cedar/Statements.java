package atlas.policy.cedar;

import atlas.policy.PolicyProblem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A policy file cut into its policies: a semicolon ends one, except in strings and comments. */
final class Statements {
    private final String text;
    private final List<Statement> all = new ArrayList<>();

    private Statements(String text) {
        this.text = text;
    }

    /** One policy, and where it begins; the engine says whether it is one. */
    record Statement(String text, int start) {}

    static Statements of(String text) {
        Statements statements = new Statements(text);
        int at = 0;
        while (true) {
            int start = statements.skipBlank(at);
            if (start == text.length()) {
                return statements;
            }
            at = statements.end(start);
            statements.all.add(new Statement(text.substring(start, at), start));
        }
    }

    List<Statement> all() {
        return all;
    }

    /** A problem at so many UTF-8 bytes into a policy, which is how the engine counts. */
    PolicyProblem problem(Statement in, int bytes, String id, String message, String hint) {
        int chars = 0;
        int seen = 0;
        while (seen < bytes && chars < in.text.length()) {
            int point = in.text.codePointAt(chars);
            seen += Character.toString(point).getBytes(StandardCharsets.UTF_8).length;
            chars += Character.charCount(point);
        }
        int at = in.start + chars;
        int column = at - text.lastIndexOf('\n', at - 1);
        return new PolicyProblem(line(at), column, id, message, hint);
    }

    /** The line of a policy's first character. */
    int line(Statement of) {
        return line(of.start);
    }

    private int line(int at) {
        int line = 1;
        for (int i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) {
            line++;
        }
        return line;
    }

    private int skipBlank(int from) {
        int at = from;
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.startsWith("//", at)) {
                at = endOfLine(text, at);
            } else {
                return at;
            }
        }
        return at;
    }

    /** Just after the semicolon, or the end of the text. */
    private int end(int from) {
        int at = from;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ';') {
                return at + 1;
            } else if (c == '"') {
                at = endOfString(text, at);
            } else if (text.startsWith("//", at)) {
                at = endOfLine(text, at);
            } else {
                at++;
            }
        }
        return at;
    }

    /** Just after the closing quote, or the end. */
    static int endOfString(String text, int quote) {
        int at = quote + 1;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(text.length(), at + 1);
    }

    static int endOfLine(String text, int from) {
        int end = text.indexOf('\n', from);
        return end < 0 ? text.length() : end;
    }
}
