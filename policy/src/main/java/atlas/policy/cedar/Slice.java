package atlas.policy.cedar;

import atlas.policy.Judgement;
import atlas.policy.Judgement.Unanswerable;
import atlas.policy.Question;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The policies whose head fits a question, ready to be evaluated, and what they look at. Two
 * questions with the same slice and the same facts have the same answer, because the engine is
 * shown nothing else.
 */
final class Slice {
    private final List<Rule> rules;
    private final Fact[] reads;
    private final Evaluation evaluation;

    Slice(List<Rule> rules) {
        this.rules = List.copyOf(rules);
        Set<Fact> all = EnumSet.noneOf(Fact.class);
        rules.forEach(rule -> all.addAll(rule.reads()));
        this.reads = all.toArray(Fact[]::new);
        this.evaluation = new Evaluation(this.rules);
    }

    boolean isEmpty() {
        return rules.isEmpty();
    }

    /** What the slice looks at, in the order of {@link #reads()}. */
    List<@Nullable Object> facts(Question question) {
        @Nullable Object[] values = new Object[reads.length];
        for (int i = 0; i < reads.length; i++) {
            values[i] = reads[i].read(question);
        }
        return Arrays.asList(values);
    }

    List<Fact> reads() {
        return List.of(reads);
    }

    /** Asks the engine; {@code facts} are what {@link #facts} gave for the question. */
    Judgement judge(Question question, List<@Nullable Object> facts) {
        Set<String> unknown = new LinkedHashSet<>();
        for (int i = 0; i < reads.length; i++) {
            if (Fact.UNKNOWN.equals(facts.get(i))) {
                unknown.add("`" + reads[i].dotted() + "`");
            }
        }
        if (!unknown.isEmpty()) {
            return new Unanswerable(
                    "nobody knows " + String.join(", ", unknown) + " here", ids(rules));
        }
        Evaluation.Answer answer = evaluation.ask(question, reads, facts);
        if (!answer.broken().isEmpty()) {
            return new Unanswerable("it cannot be evaluated", sorted(answer.broken()));
        }
        if (answer.policies().isEmpty()) {
            return new Judgement.Silent();
        }
        return answer.allowed()
                ? new Judgement.Permitted(sorted(answer.policies()))
                : new Judgement.Forbidden(sorted(answer.policies()));
    }

    private static List<String> ids(List<Rule> rules) {
        return rules.stream().map(Rule::id).toList();
    }

    private static List<String> sorted(Collection<String> ids) {
        return List.copyOf(new TreeSet<>(ids));
    }
}
