package atlas.policy.cedar;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.policy.Action;
import atlas.policy.Judgement;
import atlas.policy.PolicyProblem;
import atlas.policy.Question;
import atlas.policy.Rulebook;
import atlas.policy.cedar.PolicyFile.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Neither slicing, nor showing the engine only what is read, nor remembering answers changes one:
 * the engine, given the whole file and every fact, says the same. {@code -Datlas.slicing.rounds}
 * runs it for longer.
 */
class SlicingTest {
    private static final int ROUNDS = Integer.getInteger("atlas.slicing.rounds", 12);

    @Test
    void saysWhatTheWholeFileSaysWhenEveryFactIsShown() {
        long seed = new Random().nextLong();
        Map<String, Integer> seen = new TreeMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            Arbitrary arbitrary = new Arbitrary(seed + round);
            String file = arbitrary.file(1 + round * 3);
            CedarRulebook rulebook = rulebook(file, seed + round);
            for (int i = 0; i < 200; i++) {
                Question question = arbitrary.question();
                Judgement whole = whole(rulebook, question);
                String about =
                        "seed %d, question %d: %s%n%s".formatted(seed + round, i, question, file);
                assertThat(rulebook.judge(question)).as(about).isEqualTo(whole);
                assertThat(rulebook.judge(question)).as("again: " + about).isEqualTo(whole);
                seen.merge(whole.getClass().getSimpleName(), 1, Integer::sum);
            }
        }
        // A generator that never gets to one of these would prove nothing.
        assertThat(seen).as("seed %d", seed).containsKeys("Forbidden", "Permitted", "Silent");
    }

    @Test
    void consideringPoliciesOneByOneNamesTheSameOnes() {
        long seed = new Random().nextLong();
        Arbitrary arbitrary = new Arbitrary(seed);
        CedarRulebook rulebook = rulebook(arbitrary.file(20), seed);
        for (int i = 0; i < 200; i++) {
            Question question = arbitrary.question();
            List<String> forbids = new ArrayList<>();
            List<String> permits = new ArrayList<>();
            for (Rulebook.Consideration one : rulebook.consider(question)) {
                if (one.applies()) {
                    (one.policy().effect().equals("forbid") ? forbids : permits)
                            .add(one.policy().id());
                }
            }
            Collections.sort(forbids);
            Collections.sort(permits);
            Judgement expected =
                    !forbids.isEmpty()
                            ? new Judgement.Forbidden(forbids)
                            : !permits.isEmpty()
                                    ? new Judgement.Permitted(permits)
                                    : new Judgement.Silent();
            assertThat(rulebook.judge(question)).as("seed %d, %d", seed, i).isEqualTo(expected);
        }
    }

    private static CedarRulebook rulebook(String file, long seed) {
        return switch (PolicyFile.read(file)) {
            case Outcome.Accepted(Rulebook rulebook) -> (CedarRulebook) rulebook;
            case Outcome.Refused(List<PolicyProblem> problems) ->
                    throw new AssertionError("seed " + seed + ": " + problems + "\n" + file);
        };
    }

    /** Every policy that counts, every fact there is, nothing remembered. */
    private static Judgement whole(CedarRulebook rulebook, Question question) {
        List<Rule> counting =
                rulebook.rules().stream()
                        .filter(rule -> Slicer.counts(rule, question.reaching()))
                        .toList();
        Fact[] all =
                Arrays.stream(Fact.values())
                        .filter(fact ->
                                question.action() == Action.MODEL_INFER
                                        || !fact.dotted().startsWith("context.request"))
                        .toArray(Fact[]::new);
        @Nullable Object[] values = new Object[all.length];
        for (int i = 0; i < all.length; i++) {
            values[i] = all[i].read(question);
        }
        Evaluation.Answer answer =
                new Evaluation(counting).ask(question, all, Arrays.asList(values));
        List<String> ids = List.copyOf(new TreeSet<>(answer.policies()));
        assertThat(answer.broken()).isEmpty();
        return ids.isEmpty()
                ? new Judgement.Silent()
                : answer.allowed() ? new Judgement.Permitted(ids) : new Judgement.Forbidden(ids);
    }
}
