package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JournalSettingsTest {
    private static final JournalSettings USUAL = JournalSettings.defaults();

    @Test
    void unlessOneSaysOtherwiseEveryEntryIsForcedBeforeItsReceipt() {
        JournalConfig config = USUAL.journal(Path.of("journal"), "log.example/a");

        assertThat(config.mode()).isEqualTo(JournalConfig.Mode.ALWAYS);
        assertThat(config).isEqualTo(JournalConfig.defaults(Path.of("journal"), "log.example/a"));
    }

    @Test
    void aPowerCutMayNotCostMoreThanASecond() {
        assertThat(interval(Duration.ofSeconds(1)).syncInterval()).hasSeconds(1);
        for (Duration wrong : new Duration[] {Duration.ZERO, Duration.ofMillis(1001)}) {
            assertThatThrownBy(() -> interval(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("`sync-interval` is between 1ms and 1s");
        }
    }

    @Test
    void aCheckpointIsNeverLongInComing() {
        assertThatThrownBy(() ->
                        new JournalSettings(
                                USUAL.mode(),
                                USUAL.syncInterval(),
                                Duration.ofMinutes(2),
                                USUAL.checkpointEvery(),
                                USUAL.deadline(),
                                USUAL.reserveBytes(),
                                USUAL.witnesses(),
                                USUAL.retention(),
                                USUAL.legalHold(),
                                USUAL.exporters()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`checkpoint-interval`");
    }

    @Test
    void nothingIsRemovedUnlessOneSaysSoAndNeverWithinADay() {
        assertThat(USUAL.retention()).isEmpty();
        assertThat(USUAL.legalHold()).isFalse();
        assertThatThrownBy(() -> kept(Duration.ofHours(23)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`retention` is at least 1d");
        assertThat(kept(Duration.ofDays(1)).retention()).contains(Duration.ofDays(1));
    }

    private static JournalSettings kept(Duration keep) {
        return new JournalSettings(
                USUAL.mode(),
                USUAL.syncInterval(),
                USUAL.checkpointInterval(),
                USUAL.checkpointEvery(),
                USUAL.deadline(),
                USUAL.reserveBytes(),
                USUAL.witnesses(),
                Optional.of(keep),
                false,
                USUAL.exporters());
    }

    private static JournalSettings interval(Duration sync) {
        return new JournalSettings(
                JournalConfig.Mode.INTERVAL,
                sync,
                USUAL.checkpointInterval(),
                USUAL.checkpointEvery(),
                USUAL.deadline(),
                USUAL.reserveBytes(),
                USUAL.witnesses(),
                USUAL.retention(),
                USUAL.legalHold(),
                USUAL.exporters());
    }
}
