package atlas.posture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostureReportTest {
    private static final Instant NOW = Instant.parse("2026-07-01T12:00:00Z");
    private static final Duration DAY = Duration.ofHours(24);

    private static PostureReport report(
            boolean claimed, Standing before, Measurement.Outcome outcome) {
        Rollout rollout =
                Rollout.parse(
                        "zero_trust_rollout: {a: {tasks: [{task: x, control: tls, claimed: %s}]}}"
                                .formatted(claimed));
        Measurement found = new Measurement(Control.TLS, outcome, "seen", List.of());
        return PostureReport.of(
                rollout, Map.of(Control.TLS, found), Map.of("tls", before), NOW, DAY);
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    false, NOT_STARTED, HOLDS,   PROVEN,      true
                    false, NOT_STARTED, FAILS,   NOT_STARTED, true
                    false, NOT_STARTED, UNKNOWN, NOT_STARTED, true
                    true,  NOT_STARTED, HOLDS,   PROVEN,      true
                    true,  NOT_STARTED, FAILS,   CLAIMED,     false
                    true,  NOT_STARTED, UNKNOWN, CLAIMED,     false
                    false, CLAIMED,     FAILS,   CLAIMED,     false
                    false, PROVEN,      HOLDS,   PROVEN,      true
                    false, PROVEN,      FAILS,   REGRESSED,   false
                    false, PROVEN,      UNKNOWN, CLAIMED,     false
                    false, REGRESSED,   FAILS,   REGRESSED,   false
                    false, REGRESSED,   UNKNOWN, REGRESSED,   false
                    false, REGRESSED,   HOLDS,   PROVEN,      true
                    """)
    void aTaskStandsByWhatWasFoundAndWhatWasProvenBefore(
            boolean claimed,
            Standing before,
            Measurement.Outcome outcome,
            Standing after,
            boolean holds) {
        PostureReport report = report(claimed, before, outcome);

        assertThat(report.standings()).containsExactly(Map.entry("tls", after));
        assertThat(report.broken().isEmpty()).isEqualTo(holds);
    }

    @Test
    void whatWasProvenTooLongAgoIsOnlyClaimed() {
        PostureReport report = report(false, Standing.NOT_STARTED, Measurement.Outcome.HOLDS);

        assertThat(report.asOf(NOW.plus(DAY).minusMillis(1))).isSameAs(report);
        PostureReport late = report.asOf(NOW.plus(DAY));
        assertThat(late.standings()).containsExactly(Map.entry("tls", Standing.CLAIMED));
        assertThat(late.broken()).hasSize(1);
        assertThat(late.missing(1)).hasSize(1);
    }

    @Test
    void aTaskThatNothingMeasuresIsNeverProven() {
        Rollout rollout =
                Rollout.parse(
                        "zero_trust_rollout: {a: {tasks: [{task: Water plants, claimed: true}]}}");

        PostureReport report = PostureReport.of(rollout, Map.of(), Map.of(), NOW, DAY);

        assertThat(report.standings()).containsExactly(Map.entry("Water plants", Standing.CLAIMED));
        assertThat(report.broken()).hasSize(1);
    }

    @Test
    void onlyTheFirstPhasesAreMissed() {
        Rollout rollout =
                Rollout.parse(
                        "zero_trust_rollout: {a: {tasks: [use TLS]}, b: {tasks: [log egress]}}");
        Measurement found = Measurement.of(Control.TLS, "", List.of(good()));

        PostureReport report =
                PostureReport.of(rollout, Map.of(Control.TLS, found), Map.of(), NOW, DAY);

        assertThat(report.missing(1)).isEmpty();
        assertThat(report.missing(2)).hasSize(1);
        assertThat(report.phases().getFirst().proven()).isTrue();
    }

    private static Measurement.Observation good() {
        return Measurement.Observation.good("seen");
    }

    @Test
    void aMeasurementThatSawNothingDoesNotHold() {
        assertThat(Measurement.of(Control.TLS, "", List.of()).holds()).isFalse();
        assertThat(Measurement.of(Control.TLS, "", List.of(good())).holds()).isTrue();
        assertThat(
                        Measurement.of(
                                        Control.TLS,
                                        "",
                                        List.of(good(), Measurement.Observation.bad("no")))
                                .holds())
                .isFalse();
    }
}
