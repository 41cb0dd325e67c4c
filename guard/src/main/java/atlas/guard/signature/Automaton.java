package atlas.guard.signature;

import java.util.ArrayDeque;
import java.util.ArrayList;
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

    private final char[] classes;
    private final int width;
    private final char[] next;
    private final int[][] matched;

    private Automaton(char[] classes, int width, char[] next, int[][] matched) {
        this.classes = classes;
        this.width = width;
        this.next = next;
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
        char[] next = new char[states * width];
        List<List<Integer>> ends = new ArrayList<>();
        ends.add(new ArrayList<>());
        int used = 1;
        for (int p = 0; p < patterns.size(); p++) {
            int state = 0;
            String pattern = patterns.get(p);
            for (int i = 0; i < pattern.length(); i++) {
                int edge = state * width + classes[pattern.charAt(i)];
                if (next[edge] == 0) {
                    next[edge] = (char) used++;
                    ends.add(new ArrayList<>());
                }
                state = next[edge];
            }
            ends.get(state).add(p);
        }
        complete(next, width, used, ends);
        int[][] matched = new int[used][];
        for (int s = 0; s < used; s++) {
            matched[s] = ends.get(s).stream().mapToInt(Integer::intValue).toArray();
        }
        return new Automaton(classes, width, Arrays.copyOf(next, used * width), matched);
    }

    /** Replaces missing edges by where the longest suffix would go. */
    private static void complete(char[] next, int width, int used, List<List<Integer>> ends) {
        int[] suffix = new int[used];
        ArrayDeque<Integer> queue = new ArrayDeque<>();
        for (int c = 0; c < width; c++) {
            if (next[c] != 0) {
                queue.add((int) next[c]);
            }
        }
        while (!queue.isEmpty()) {
            int state = queue.remove();
            ends.get(state).addAll(ends.get(suffix[state]));
            for (int c = 0; c < width; c++) {
                int edge = state * width + c;
                int fallback = next[suffix[state] * width + c];
                if (next[edge] == 0) {
                    next[edge] = (char) fallback;
                } else {
                    suffix[next[edge]] = fallback;
                    queue.add((int) next[edge]);
                }
            }
        }
    }

    /** Runs over {@code length} characters and returns the steps taken, one for each of them. */
    int scan(char[] text, int length, Matches matches) {
        int state = 0;
        for (int i = 0; i < length; i++) {
            state = next[state * width + classes[text[i]]];
            int[] here = matched[state];
            for (int pattern : here) {
                matches.found(pattern, i + 1);
            }
        }
        return length;
    }
}
