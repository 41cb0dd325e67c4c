package atlas.guard.signature;

import atlas.guard.text.View;
import java.util.Arrays;
import java.util.List;

/**
 * The compiled signatures. Patterns with and without characters beyond ASCII run in two automata,
 * so that plain text pays for one small table only. Immutable and thread-safe.
 */
public final class Signatures {
    private final List<Pattern> ascii;
    private final List<Pattern> wide;
    private final Automaton asciiAutomaton;
    private final Automaton wideAutomaton;
    private final Rule[][] rulesByWords;
    private final int rules;
    private final int wordClasses;
    private final List<Family> families;
    private final List<String> names;
    private final String version;

    Signatures(SignatureText text) {
        this.ascii = text.patterns().stream().filter(p -> p.ascii()).toList();
        this.wide = text.patterns().stream().filter(p -> !p.ascii()).toList();
        this.asciiAutomaton = Automaton.of(ascii.stream().map(Pattern::text).toList());
        this.wideAutomaton = Automaton.of(wide.stream().map(Pattern::text).toList());
        this.wordClasses = text.wordClasses().size();
        this.families = text.families();
        this.names = text.wordClasses();
        this.version = text.version();
        this.rules = text.rules().size();
        this.rulesByWords = new Rule[wordClasses][];
        for (int w = 0; w < wordClasses; w++) {
            int words = w;
            rulesByWords[w] = text.rules().stream().filter(r -> r.uses(words)).toArray(Rule[]::new);
        }
    }

    /** The signatures this build ships. */
    public static Signatures shipped() {
        return new Signatures(SignatureText.resource());
    }

    /** The first digits of the digest of the list. */
    public String version() {
        return version;
    }

    /** How many bits evidence has: word classes first, families after them. */
    public int bits() {
        return wordClasses + families.size();
    }

    /** The bit of a word class. */
    public int wordBit(String name) {
        return names.indexOf(name);
    }

    /** The families, in the order of their bits. */
    public List<Family> families() {
        return families;
    }

    /** The name of a bit, for reports about a model. */
    public String name(int bit) {
        return bit < wordClasses ? names.get(bit) : families.get(bit - wordClasses).id();
    }

    /** Looks a view over, in blocks of {@code blockSize} characters. */
    public Evidence scan(View view, int blockSize) {
        int blocks = (view.length() + blockSize - 1) / blockSize;
        Evidence evidence = new Evidence(blocks, (bits() + 63) >> 6);
        Run run = new Run(view, blockSize, evidence);
        asciiAutomaton.scan(view.chars(), view.length(), (p, end) -> run.match(ascii.get(p), end));
        if (beyondAscii(view)) {
            run.clear();
            wideAutomaton.scan(
                    view.chars(), view.length(), (p, end) -> run.match(wide.get(p), end));
        }
        return evidence;
    }

    private static boolean beyondAscii(View view) {
        char[] chars = view.chars();
        int all = 0;
        for (int i = 0; i < view.length(); i++) {
            all |= chars[i];
        }
        return all >= 128;
    }

    /** The state of one pass: how far each rule has come, and where. */
    private final class Run {
        private final char[] chars;
        private final View view;
        private final int blockSize;
        private final Evidence evidence;
        private final int[] starts = new int[rules * Rule.MAX_STEPS];
        private final int[] ends = new int[rules * Rule.MAX_STEPS];

        Run(View view, int blockSize, Evidence evidence) {
            this.view = view;
            this.chars = view.chars();
            this.blockSize = blockSize;
            this.evidence = evidence;
        }

        void clear() {
            Arrays.fill(ends, 0);
        }

        void match(Pattern pattern, int end) {
            int start = end - pattern.text().length();
            if (!pattern.fits(chars, start, end, view.length())) {
                return;
            }
            evidence.set((end - 1) / blockSize, pattern.words());
            for (Rule rule : rulesByWords[pattern.words()]) {
                advance(rule, pattern.words(), start, end);
            }
        }

        private void advance(Rule rule, int words, int start, int end) {
            int base = rule.number() * Rule.MAX_STEPS;
            // Backwards, so that one word does not count for two steps of a rule.
            for (int step = rule.steps() - 1; step >= 0; step--) {
                if (rule.words(step) != words) {
                    continue;
                }
                int from = start;
                if (step > 0) {
                    int before = base + step - 1;
                    if (ends[before] == 0
                            || start < ends[before]
                            || start - ends[before] > rule.gap(step)) {
                        continue;
                    }
                    from = starts[before];
                }
                starts[base + step] = from;
                ends[base + step] = end;
                if (step == rule.steps() - 1) {
                    evidence.set((end - 1) / blockSize, wordClasses + rule.family());
                    evidence.hit(new Hit(families.get(rule.family()), from, end));
                }
            }
        }
    }
}
