package atlas.policy.cedar;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.policy.Judgement;
import atlas.policy.Question;
import atlas.policy.Rulebook;
import atlas.policy.cedar.PolicyFile.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * The engine is native and its parser has no limit of its own: without ours a policy of a hundred
 * brackets ends the whole process. Everything that is let through is parsed, judged and dropped on
 * the smallest stacks there are.
 */
class NoPolicyEndsTheProcessTest {
    private static final String RISK = "context.risk == \"high\"";

    private static String policy(String before, String after, int times) {
        return "@id(\"deep\") forbid (principal, action, resource) when { %s%s%s };"
                .formatted(before.repeat(times), RISK, after.repeat(times));
    }

    private static List<String> shapes(int times) {
        return List.of(
                policy("(", ")", times),
                policy("[", "]", times),
                policy("!", "", times),
                policy("-", "", times),
                policy("if " + RISK + " then ", " else true", times),
                policy("if " + RISK + " then true else ", "", times),
                policy("true && (", ")", times),
                policy(RISK + " || ", "", times),
                policy("", " && " + RISK, times),
                policy("{a: ", "}", times),
                policy("context" + ".a".repeat(times) + " == 1 || ", "", 1),
                policy("1" + " + 1".repeat(times) + " == 1 || ", "", 1),
                policy("context.source.isInRange(", ")", times));
    }

    @Test
    void whatGoesDeepIsRefusedUnread() {
        for (int times : new int[] {500, 5_000, 100_000}) {
            for (String policy : shapes(times)) {
                assertThat(PolicyFile.read(policy)).isInstanceOf(Outcome.Refused.class);
            }
        }
    }

    @Test
    void whatIsLetThroughFitsEveryStack() throws Exception {
        List<Rulebook> accepted = new ArrayList<>();
        for (int times = 1; times < Bounds.OPERATORS; times = times * 3 / 2 + 1) {
            for (String policy : shapes(times)) {
                if (PolicyFile.read(policy) instanceof Outcome.Accepted(Rulebook rulebook)) {
                    accepted.add(rulebook);
                }
            }
        }
        assertThat(accepted).hasSizeGreaterThan(20);
        Question question = new Arbitrary(1).question();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread small =
                new Thread(
                        null,
                        () -> {
                            for (Rulebook rulebook : accepted) {
                                assertThat(rulebook.judge(question)).isInstanceOf(Judgement.class);
                            }
                        },
                        "small",
                        256 << 10);
        small.setUncaughtExceptionHandler((_, e) -> failed.set(e));
        small.start();
        small.join();
        assertThat(failed.get()).isNull();
        // Their native forms are dropped by the thread that cleans up.
        accepted.clear();
        System.gc();
        assertThat(PolicyFile.read(policy("", "", 1))).isInstanceOf(Outcome.Accepted.class);
    }
}
