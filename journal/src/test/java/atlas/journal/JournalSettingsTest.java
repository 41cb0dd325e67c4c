package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Sensitive;
import atlas.journal.shared.SharedLog;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
                                USUAL.exporters(),
                                USUAL.shared(),
                                USUAL.mlDsa()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`checkpoint-interval`");
    }

    @Test
    void nothingIsRemovedUnlessOneSaysSoAndNeverWithinADay() {
        assertThat(USUAL.retention()).isEmpty();
        assertThat(USUAL.legalHold()).isFalse();
        assertThat(USUAL.mlDsa()).isFalse();
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
                USUAL.exporters(),
                USUAL.shared(),
                false);
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
                USUAL.exporters(),
                USUAL.shared(),
                USUAL.mlDsa());
    }

    @Test
    void aSharedJournalIsRecordedAlwaysAndKeepsItsEntries() {
        assertThat(USUAL.shared()).isEmpty();
        Optional<SharedLog> log = Optional.of(shared(Optional.of(Path.of("log")), "db.example"));
        assertThat(with(JournalConfig.Mode.ALWAYS, Optional.empty(), log).shared()).isPresent();
        assertThatThrownBy(() -> with(JournalConfig.Mode.INTERVAL, Optional.empty(), log))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leave out `mode`");
        Optional<Duration> month = Optional.of(Duration.ofDays(30));
        assertThatThrownBy(() -> with(JournalConfig.Mode.ALWAYS, month, log))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`retention`");
    }

    @Test
    void aSharedLogLiesInOnePlaceAndItsDatabaseIsNamedByHosts() {
        assertThatThrownBy(() -> shared(Optional.empty(), "db.example"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one of them");
        for (String host : List.of("db/other?sslmode=disable", "a,b", "user@db", "")) {
            assertThatThrownBy(() -> shared(Optional.of(Path.of("log")), host))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("`hosts`");
        }
        assertThatThrownBy(() -> bucket("http://store.example"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`https`");
        assertThat(bucket("http://127.0.0.1:9000").name()).isEqualTo("log");
    }

    @Test
    void whoOnlyRecordsSignsNeitherOnceNorTwice() {
        SharedLog signed = shared(Optional.of(Path.of("log")), "db.example");
        SharedLog recorded =
                new SharedLog(
                        Optional.of("log+00000000+AA=="),
                        signed.database(),
                        signed.folder(),
                        Optional.empty());
        assertThat(twice(signed).mlDsa()).isTrue();
        assertThatThrownBy(() -> twice(recorded))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leave out `ml-dsa`");
    }

    private static SharedLog.Bucket bucket(String endpoint) {
        return new SharedLog.Bucket(
                URI.create(endpoint), "eu", "log", Optional.empty(), "key", Sensitive.of("secret"));
    }

    private static SharedLog shared(Optional<Path> folder, String host) {
        return new SharedLog(
                Optional.empty(),
                new SharedLog.Database(
                        List.of(host),
                        "atlas",
                        "control",
                        Optional.of(Sensitive.of("secret")),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                folder,
                Optional.empty());
    }

    private static JournalSettings twice(SharedLog shared) {
        return with(JournalConfig.Mode.ALWAYS, Optional.empty(), Optional.of(shared), true);
    }

    private static JournalSettings with(
            JournalConfig.Mode mode, Optional<Duration> keep, Optional<SharedLog> shared) {
        return with(mode, keep, shared, USUAL.mlDsa());
    }

    private static JournalSettings with(
            JournalConfig.Mode mode,
            Optional<Duration> keep,
            Optional<SharedLog> shared,
            boolean mlDsa) {
        return new JournalSettings(
                mode,
                USUAL.syncInterval(),
                USUAL.checkpointInterval(),
                USUAL.checkpointEvery(),
                USUAL.deadline(),
                USUAL.reserveBytes(),
                USUAL.witnesses(),
                keep,
                USUAL.legalHold(),
                USUAL.exporters(),
                shared,
                mlDsa);
    }
}
