package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.backup.BackupIdentity;
import atlas.backup.BackupReader;
import atlas.backup.BackupReading;
import atlas.backup.BackupRecipients;
import atlas.control.backup.BackupAges;
import atlas.control.backup.BackupSchedule;
import atlas.control.backup.Wish;
import atlas.journal.JournalEntry;
import atlas.journal.JournalQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that are made by themselves, and read again. */
class BackupScheduleTest {
    private static final BackupIdentity KEY = BackupIdentity.generate();
    private static final Duration EVERY = Duration.ofHours(6);

    @TempDir Path temp;

    private final Calendar clock = new Calendar();

    private static final class Calendar extends Clock {
        private Instant now = Instant.parse("2026-03-01T10:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }

        void pass(Duration time) {
            now = now.plus(time);
        }
    }

    private TrustRoot open() {
        return TrustRoot.openOrCreate(temp.resolve("home"), TrustRootConfig.defaults(), clock);
    }

    private BackupSchedule schedule(TrustRoot trust, int keep, List<BackupIdentity> drill)
            throws IOException {
        return new BackupSchedule(
                new BackupSchedule.Plan(
                        EVERY,
                        Files.createDirectories(temp.resolve("backups")),
                        new Wish(new BackupRecipients(1, List.of(KEY.recipient())), false, false),
                        keep,
                        drill,
                        trust.folder("staging")),
                trust.backups(),
                trust.journal(),
                clock);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(temp.resolve("backups"))) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static List<JournalEntry> recorded(TrustRoot trust, String kind) {
        return trust.journal().search(JournalQuery.newest(1000)).reversed().stream()
                .filter(entry -> entry.kind().equals(kind))
                .toList();
    }

    @Test
    void oneIsMadeWhenItIsDueAndReadAgainAndTheOldestGo() throws IOException {
        try (TrustRoot trust = open();
                BackupSchedule schedule = schedule(trust, 2, List.of(KEY))) {
            schedule.look();
            schedule.look();
            assertThat(files()).containsExactly("atlas-20260301T100000Z.backup");
            clock.pass(EVERY.minusMinutes(1));
            schedule.look();
            assertThat(files()).hasSize(1);
            clock.pass(Duration.ofMinutes(1));
            schedule.look();
            clock.pass(EVERY);
            Files.writeString(temp.resolve("backups/theirs.backup"), "not ours");
            Files.writeString(temp.resolve("backups/.atlas-20260301T000000Z.backup.new"), "cut");
            schedule.look();
            assertThat(files())
                    .containsExactly(
                            "atlas-20260301T160000Z.backup",
                            "atlas-20260301T220000Z.backup",
                            "theirs.backup");
            assertThat(schedule.failures()).isZero();

            assertThat(recorded(trust, "backup.created")).hasSize(3);
            List<JournalEntry> verified = recorded(trust, "backup.verified");
            assertThat(verified).hasSize(3);
            assertThat(verified.getLast().json())
                    .contains("\"verdict\":\"holds\"", "\"depth\":\"contents\"");
            assertThat(trust.folder("staging")).isEmptyDirectory();
            BackupReading reading =
                    new BackupReader(
                                    temp.resolve("backups/atlas-20260301T220000Z.backup"),
                                    Optional.empty())
                            .read(List.of(KEY), (_, _, _) -> {});
            assertThat(reading)
                    .isInstanceOfSatisfying(
                            BackupReading.Holds.class,
                            holds ->
                                    assertThat(verified.getLast().json())
                                            .contains(holds.label().id()));
        }
    }

    /** Due is counted from the newest file, so a restart makes no other. */
    @Test
    void aRestartDoesNotMakeOneMore() throws IOException {
        try (TrustRoot trust = open();
                BackupSchedule schedule = schedule(trust, 2, List.of())) {
            schedule.look();
        }
        clock.pass(Duration.ofHours(1));
        try (TrustRoot trust = open();
                BackupSchedule schedule = schedule(trust, 2, List.of())) {
            schedule.look();
            assertThat(files()).hasSize(1);
            assertThat(recorded(trust, "backup.verified").getFirst().json())
                    .contains("\"depth\":\"signature\"");
        }
    }

    @Test
    void whatDoesNotOpenIsAFailureAndTheOldOnesStay() throws IOException {
        try (TrustRoot trust = open()) {
            try (BackupSchedule good = schedule(trust, 1, List.of(KEY))) {
                good.look();
            }
            clock.pass(EVERY);
            try (BackupSchedule bad = schedule(trust, 1, List.of(BackupIdentity.generate()))) {
                bad.look();
                assertThat(bad.failures()).isEqualTo(1);
            }
            assertThat(files()).hasSize(2);
            assertThat(recorded(trust, "backup.verified").getLast().json())
                    .contains("\"verdict\":\"locked\"");
        }
    }

    @Test
    void whatCannotBeWrittenIsTriedAgainAndNotAtOnce() throws IOException {
        try (TrustRoot trust = open();
                BackupSchedule schedule = schedule(trust, 1, List.of(KEY))) {
            Files.delete(temp.resolve("backups"));
            schedule.look();
            assertThat(schedule.failures()).isEqualTo(1);
            Files.createDirectories(temp.resolve("backups"));
            schedule.look();
            clock.pass(Duration.ofMinutes(15));
            schedule.look();
            assertThat(files()).containsExactly("atlas-20260301T101500Z.backup");
            assertThat(
                            recorded(trust, "admin.act").stream()
                                    .filter(e -> e.json().contains("backup.create"))
                                    .map(JournalEntry::json))
                    .singleElement()
                    .asString()
                    .contains("\"outcome\":\"failed\"");
        }
    }

    @Test
    void agesAreKnownOverRestarts() throws IOException {
        try (TrustRoot trust = open();
                BackupSchedule schedule = schedule(trust, 1, List.of(KEY))) {
            assertThat(trust.watch().metrics().openMetrics())
                    .contains("atlas_backup_age_seconds NaN");
            schedule.look();
        }
        clock.pass(Duration.ofHours(1));
        try (TrustRoot trust = open()) {
            BackupAges ages = BackupAges.of(trust.journal(), clock);
            ages.remembered().join();
            assertThat(ages.sinceMade()).isEqualTo(3600);
            assertThat(ages.sinceHeld()).isEqualTo(3600);
        }
    }

    @Test
    void keysThatAreNoneEndTheStartWithTheirName() throws IOException {
        Path file = Files.writeString(temp.resolve("k.pub"), "nonsense");
        BackupConfig.Schedule wanted =
                new BackupConfig.Schedule(
                        EVERY,
                        temp,
                        List.of(file),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        try (TrustRoot trust = open()) {
            assertThatThrownBy(() -> HomeBackups.start(Optional.of(wanted), trust, clock))
                    .isInstanceOf(TrustRootException.class)
                    .hasMessageContaining("`backup.schedule`");
        }
    }
}
