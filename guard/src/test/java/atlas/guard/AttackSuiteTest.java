package atlas.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AttackSuiteTest {
    private static final PromptGuard GUARD = PromptGuard.load(GuardConfig.defaults());

    @Test
    void sendsTheSameForTheSameSeed() {
        assertThat(AttackSuite.of(3, 50)).isEqualTo(AttackSuite.of(3, 50)).hasSize(50);
        assertThat(AttackSuite.of(4, 50)).isNotEqualTo(AttackSuite.of(3, 50));
        assertThat(
                        AttackSuite.of(1, 60).stream()
                                .collect(
                                        Collectors.groupingBy(
                                                AttackSuite.Attempt::expected,
                                                Collectors.counting())))
                .containsEntry(AttackSuite.Expected.REFUSED, 30L)
                .containsEntry(AttackSuite.Expected.BETTER_REFUSED, 20L)
                .containsEntry(AttackSuite.Expected.ANSWERED, 10L);
    }

    /** The promise of the command: as shipped, every known attack is refused in every disguise. */
    @Test
    void theShippedGuardRefusesEveryKnownAttackInEveryDisguise() {
        List<String> passed = new ArrayList<>();
        for (AttackSuite.Attempt attack : AttackSuite.known()) {
            for (Disguise disguise : Disguise.values()) {
                Scored scored = GUARD.score(disguise.of(attack.text()), attack.channel());
                if (scored.verdict() != Verdict.BLOCK) {
                    passed.add(disguise + " " + scored.score() + " " + attack.text());
                }
            }
        }
        assertThat(passed).isEmpty();
    }
}
