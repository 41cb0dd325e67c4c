package atlas.segmentation.nftables;

import atlas.segmentation.target.NotUnderstoodException;
import java.util.ArrayList;
import java.util.List;

/** The words of a ruleset; a line's end is a word of its own, as the language has it. */
final class Tokens {
    static final String END = "\n";

    private final List<String> words = new ArrayList<>();
    private final List<Integer> lines = new ArrayList<>();
    private int at;

    Tokens(String text) throws NotUnderstoodException {
        int line = 1;
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '\n') {
                add(END, line++);
                i++;
            } else if (c == '#') {
                int end = text.indexOf('\n', i);
                i = end < 0 ? text.length() : end;
            } else if (Character.isWhitespace(c)) {
                i++;
            } else if (c == '"') {
                int end = text.indexOf('"', i + 1);
                if (end < 0) {
                    throw new NotUnderstoodException(line, "a quote is not closed");
                }
                add(text.substring(i, end + 1), line);
                i = end + 1;
            } else if ("{},;".indexOf(c) >= 0) {
                add(c == ';' ? END : String.valueOf(c), line);
                i++;
            } else {
                int end = i;
                while (end < text.length()
                        && !Character.isWhitespace(text.charAt(end))
                        && "{},;\"#".indexOf(text.charAt(end)) < 0) {
                    end++;
                }
                add(text.substring(i, end), line);
                i = end;
            }
        }
    }

    private void add(String word, int line) {
        words.add(word);
        lines.add(line);
    }

    boolean done() {
        return at >= words.size();
    }

    int line() {
        return lines.isEmpty() ? 0 : lines.get(Math.min(at, lines.size() - 1));
    }

    String peek() {
        return done() ? "" : words.get(at);
    }

    String next() throws NotUnderstoodException {
        if (done()) {
            throw new NotUnderstoodException(line(), "the text ends too early");
        }
        return words.get(at++);
    }

    /** Takes the word when it is next. */
    boolean take(String word) {
        if (peek().equals(word)) {
            at++;
            return true;
        }
        return false;
    }

    void expect(String word) throws NotUnderstoodException {
        String found = next();
        if (!found.equals(word)) {
            throw unknown(found);
        }
    }

    void skipLines() {
        while (take(END)) {
            continue;
        }
    }

    boolean atEnd() {
        return done() || peek().equals(END) || peek().equals("}");
    }

    NotUnderstoodException unknown(String word) {
        return new NotUnderstoodException(
                line(), "`" + word.strip() + "` is not understood here, so nothing is proved");
    }

    /** A word in quotes or without. */
    static String bare(String word) {
        return word.startsWith("\"") ? word.substring(1, word.length() - 1) : word;
    }
}
