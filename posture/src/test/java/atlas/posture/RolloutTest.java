package atlas.posture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.posture.Rollout.Task;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolloutTest {
    @Test
    void everyTaskOfTheStandardRolloutIsMeasured() {
        Rollout rollout = Rollout.standard();

        assertThat(rollout.phases())
                .extracting(Rollout.Phase::name)
                .containsExactly("Foundation", "Network", "Advanced");
        assertThat(rollout.phases().stream().flatMap(p -> p.tasks().stream()))
                .extracting(Task::control)
                .containsExactly(
                        Optional.of(Control.AUTHENTICATION),
                        Optional.of(Control.ROLES),
                        Optional.of(Control.JOURNAL),
                        Optional.of(Control.SEGMENTATION),
                        Optional.of(Control.TLS),
                        Optional.of(Control.EGRESS),
                        Optional.of(Control.INJECTION),
                        Optional.of(Control.SIGNING),
                        Optional.of(Control.ANOMALY),
                        Optional.of(Control.CUSTOMER_KEYS));
    }

    @Test
    void aTaskCanSayWhatMeasuresItAndThatItIsDone() {
        Rollout rollout =
                Rollout.parse(
                        """
                        zero_trust_rollout:
                          first:
                            tasks:
                              - {task: Tidy up, control: roles, claimed: true}
                              - Water the plants
                        """);

        assertThat(rollout.phases().getFirst())
                .isEqualTo(
                        new Rollout.Phase(
                                1,
                                "first",
                                List.of(
                                        new Task("Tidy up", Optional.of(Control.ROLES), true),
                                        new Task("Water the plants", Optional.empty(), false))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    '' | begin with `zero_trust_rollout:`
                    zero_trust_rollout: 3 | line 1, column 21: `zero_trust_rollout` is a mapping
                    zero_trust_rolout: {} | line 1, column 1: `zero_trust_rolout` is not known here
                    zero_trust_rollout: {} | no phase
                    zero_trust_rollout: {a: {tasks: []}} | line 1, column 22: a phase has `tasks`
                    zero_trust_rollout: {a: {tasks: [x], when: now}} | known are name, tasks
                    zero_trust_rollout: {a: {tasks: x}} | put `- ` before each task
                    zero_trust_rollout: {a: {tasks: [{task: x, control: magic}]}} | check `magic`
                    zero_trust_rollout: {a: {tasks: [{task: x, claimed: no}]}} | is true or false
                    zero_trust_rollout: {a: {tasks: [{control: tls}]}} | a task has a `task`
                    zero_trust_rollout: [ | line 1
                    """)
    void whatItDoesNotKnowIsRefusedWithItsPlace(String yaml, String message) {
        assertThatThrownBy(() -> Rollout.parse(yaml))
                .isInstanceOf(RolloutException.class)
                .hasMessageContaining(message);
    }
}
