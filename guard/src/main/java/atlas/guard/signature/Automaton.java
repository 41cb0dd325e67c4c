package atlas.guard.signature;

import java.util.Arrays;
import java.util.List;

/**
 * An Aho-Corasick automaton with a full transition table over the characters its patterns use:
 * every character of the text costs one step, whatever the patterns are.
 */
final class Automaton {
    /** Takes matches in the order of their ends. */
    interface Matches {
        void found(int pattern, int end);
    }

    private static final int[] NONE = {};

    private final char[] classes;
    private final int width;
    private final char[] next;
    private final int firstMatching;
    private final int[][] matched;

    /**
     * @param firstMatching every state from here on ends a pattern, none before it does, so that a
     *     step that finds nothing looks nowhere else
     * @param matched what they end
     */
    private Automaton(char[] classes, int width, char[] next, int firstMatching, int[][] matched) {
        this.classes = classes;
        this.width = width;
        this.next = next;
        this.firstMatching = firstMatching;
        this.matched = matched;
    }

    /** Builds the automaton that finds these patterns, which are numbered as they come. */
    static Automaton of(List<String> patterns) {
        char[] classes = new char[1 << 16];
        int width = 1;
        for (String pattern : patterns) {
            for (int i = 0; i < pattern.length(); i++) {
                if (classes[pattern.charAt(i)] == 0) {
                    classes[pattern.charAt(i)] = (char) width++;
                }
            }
        }
        classes['\n'] = classes[' '];
        return link(patterns, classes, width);
    }

    private static Automaton link(List<String> patterns, char[] classes, int width) {
        int states = 1;
        for (String pattern : patterns) {
            states += pattern.length();
        }
        if (states > Character.MAX_VALUE) {
            throw new IllegalArgumentException("too many signature characters: " + states);
        }
        Trie trie = new Trie(states);
        for (int p = 0; p < patterns.size(); p++) {
            trie.add(patterns.get(p), classes, p);
        }
        return trie.linked(classes, width);
    }

    /** The patterns as a tree: each state knows its first child, and each child the next one. */
    private static final class Trie {
        private final int[] child;
        private final int[] sibling;
        private final char[] edge;
        private final int[][] ends;
        private int used = 1;

        Trie(int states) {
            child = new int[states];
            sibling = new int[states];
            edge = new char[states];
            ends = new int[states][];
            ends[0] = NONE;
        }

        void add(String pattern, char[] classes, int number) {
            int state = 0;
            for (int i = 0; i < pattern.length(); i++) {
                state = step(state, classes[pattern.charAt(i)]);
            }
            ends[state] = joined(ends[state], new int[] {number});
        }

        private int step(int state, char by) {
            int found = child[state];
            while (found != 0 && edge[found] != by) {
                found = sibling[found];
            }
            if (found == 0) {
                found = used++;
                edge[found] = by;
                sibling[found] = child[state];
                child[state] = found;
                ends[found] = NONE;
            }
            return found;
        }

        /** A state goes where its longest suffix goes, except to its own children. */
        Automaton linked(char[] classes, int width) {
            char[] next = new char[used * width];
            int[] suffix = new int[used];
            int[] queue = new int[used];
            int known = 1;
            for (int head = 0; head < known; head++) {
                int state = queue[head];
                int row = state * width;
                if (state != 0) {
                    ends[state] = joined(ends[state], ends[suffix[state]]);
                    System.arraycopy(next, suffix[state] * width, next, row, width);
                }
                for (int c = child[state]; c != 0; c = sibling[c]) {
                    suffix[c] = state == 0 ? 0 : next[row + edge[c]];
                    next[row + edge[c]] = (char) c;
                    queue[known++] = c;
                }
            }
            return numbered(classes, width, next);
        }

        /** Numbers the states anew, those that end a pattern last. */
        private Automaton numbered(char[] classes, int width, char[] next) {
            int matching = 0;
            for (int s = 0; s < used; s++) {
                matching += ends[s].length > 0 ? 1 : 0;
            }
            int[] number = new int[used];
            int[][] matched = new int[matching][];
            int silent = 0;
            int loud = 0;
            for (int s = 0; s < used; s++) {
                boolean matches = ends[s].length > 0;
                number[s] = matches ? used - matching + loud : silent++;
                if (matches) {
                    matched[loud++] = ends[s];
                }
            }
            char[] renumbered = new char[next.length];
            for (int s = 0; s < used; s++) {
                int row = number[s] * width;
                for (int c = 0; c < width; c++) {
                    renumbered[row + c] = (char) number[next[s * width + c]];
                }
            }
            return new Automaton(classes, width, renumbered, used - matching, matched);
        }

        private static int[] joined(int[] a, int[] b) {
            if (b.length == 0) {
                return a;
            }
            int[] both = Arrays.copyOf(a, a.length + b.length);
            System.arraycopy(b, 0, both, a.length, b.length);
            return both;
        }
    }

    /** Runs over {@code length} characters and returns the steps taken, one for each of them. */
    int scan(char[] text, int length, Matches matches) {
        int state = 0;
        for (int i = 0; i < length; i++) {
            state = next[state * width + classes[text[i]]];
            if (state >= firstMatching) {
                for (int pattern : matched[state - firstMatching]) {
                    matches.found(pattern, i + 1);
                }
            }
        }
        return length;
    }
}
