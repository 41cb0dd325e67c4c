package atlas.policy.cedar;

import java.util.Optional;
import java.util.Set;

/**
 * How large one policy may be, counted before the engine sees it: its parser and everything that
 * walks what it made go down one level for each bracket and each operator, without a limit of their
 * own.
 */
final class Bounds {
    /** Brackets within brackets. */
    static final int LEVELS = 16;

    /** Operators and brackets in all. */
    static final int OPERATORS = 400;

    private static final Set<String> WORDS = Set.of("if", "in", "has", "like", "is");

    private final String text;
    private int levels;
    private int deepest;
    private int operators;

    private Bounds(String text) {
        this.text = text;
    }

    /** What is too much about a policy; empty when nothing is. */
    static Optional<String> exceeded(String policy) {
        Bounds bounds = new Bounds(policy);
        bounds.count();
        if (bounds.deepest > LEVELS) {
            return Optional.of("brackets are nested deeper than " + LEVELS);
        }
        if (bounds.operators > OPERATORS) {
            return Optional.of("the policy has more than " + OPERATORS + " operators and brackets");
        }
        return Optional.empty();
    }

    private void count() {
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                at = Statements.endOfString(text, at);
            } else if (text.startsWith("//", at)) {
                at = Statements.endOfLine(text, at);
            } else if (Character.isLetterOrDigit(c) || c == '_') {
                at = word(at);
            } else {
                sign(c);
                at++;
            }
        }
    }

    private int word(int from) {
        int end = from;
        while (end < text.length()
                && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
            end++;
        }
        if (WORDS.contains(text.substring(from, end))) {
            operators++;
        }
        return end;
    }

    private void sign(char c) {
        switch (c) {
            case '(', '[', '{' -> {
                operators++;
                levels++;
                deepest = Math.max(deepest, levels);
            }
            case ')', ']', '}' -> levels--;
            case '!', '-', '+', '*', '&', '|', '.', '<', '>', '=' -> operators++;
            default -> {}
        }
    }
}
