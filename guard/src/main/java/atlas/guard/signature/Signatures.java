package atlas.guard.signature;

import atlas.core.Pool;
import atlas.guard.text.View;
import java.util.Arrays;
import java.util.List;

/**
 * The compiled signatures. Patterns with and without characters beyond ASCII run in two automata,
 * so that plain text pays for one small table only. Immutable and thread-safe.
 */
public final class Signatures {
    private final Pattern[] ascii;
    private final Pattern[] wide;
    private final Automaton asciiAutomaton;
    private final Automaton wideAutomaton;
    private final Rule[][] rulesByWords;
    private final int wordClasses;
    private final List<Family> families;
    private final List<String> names;
    private final String version;
    private final Pool<Progress> spare;

    Signatures(SignatureText text) {
        this.ascii = text.patterns().stream().filter(Pattern::ascii).toArray(Pattern[]::new);
        this.wide = text.patterns().stream().filter(p -> !p.ascii()).toArray(Pattern[]::new);
        this.asciiAutomaton = Automaton.of(texts(ascii));
        this.wideAutomaton = Automaton.of(texts(wide));
        this.wordClasses = text.wordClasses().size();
        this.families = text.families();
        this.names = text.wordClasses();
        this.version = text.version();
        int rules = text.rules().size();
        this.spare = new Pool<>(() -> new Progress(rules));
        this.rulesByWords = new Rule[wordClasses][];
        for (int w = 0; w < wordClasses; w++) {
            int words = w;
            rulesByWords[w] = text.rules().stream().filter(r -> r.uses(words)).toArray(Rule[]::new);
        }
    }

    private static List<String> texts(Pattern[] patterns) {
        return Arrays.stream(patterns).map(Pattern::text).toList();
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
        Progress progress = spare.take();
        Run run = new Run(view, blockSize, evidence, progress);
        asciiAutomaton.scan(view.chars(), view.length(), (p, end) -> run.match(ascii[p], end));
        if (beyondAscii(view)) {
            progress.clear();
            wideAutomaton.scan(view.chars(), view.length(), (p, end) -> run.match(wide[p], end));
        }
        progress.clear();
        spare.give(progress);
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

    /** How far each rule has come, and where; clearing costs what was written, not its size. */
    private static final class Progress {
        private final int[] starts;
        private final int[] ends;
        private final int[] written;
        private int size;

        Progress(int rules) {
            starts = new int[rules * Rule.MAX_STEPS];
            ends = new int[starts.length];
            written = new int[starts.length];
        }

        void put(int at, int start, int end) {
            if (ends[at] == 0) {
                written[size++] = at;
            }
            starts[at] = start;
            ends[at] = end;
        }

        void clear() {
            while (size > 0) {
                ends[written[--size]] = 0;
            }
        }
    }

    /** One pass over a view. */
    private final class Run {
        private final char[] chars;
        private final View view;
        private final int blockSize;
        private final Evidence evidence;
        private final Progress progress;

        Run(View view, int blockSize, Evidence evidence, Progress progress) {
            this.view = view;
            this.chars = view.chars();
            this.blockSize = blockSize;
            this.evidence = evidence;
            this.progress = progress;
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
                    int ended = progress.ends[before];
                    if (ended == 0 || start < ended || start - ended > rule.gap(step)) {
                        continue;
                    }
                    from = progress.starts[before];
                }
                progress.put(base + step, from, end);
                if (step == rule.steps() - 1) {
                    evidence.set((end - 1) / blockSize, wordClasses + rule.family());
                    evidence.hit(new Hit(families.get(rule.family()), from, end));
                }
            }
        }
    }
}
