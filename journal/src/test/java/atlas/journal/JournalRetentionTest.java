package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditLog.Receipt;
import atlas.journal.JournalRetention.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries go when they are old enough, the act first, and all the rest is still proved. */
class JournalRetentionTest {
    private static final Actor ACTOR = Actor.system("retention");
    private static final Duration MONTH = Duration.ofDays(30);

    @TempDir Path home;

    private final Calendar clock = new Calendar();

    private static final class Calendar extends Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

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

    private static JournalSettings settings(Optional<Duration> keep, boolean hold) {
        JournalSettings usual = JournalSettings.defaults();
        return new JournalSettings(
                usual.mode(),
                usual.syncInterval(),
                usual.checkpointInterval(),
                usual.checkpointEvery(),
                usual.deadline(),
                usual.reserveBytes(),
                usual.witnesses(),
                keep,
                hold,
                usual.exporters(),
                usual.shared(),
                false);
    }

    private JournalRetention retention(Journal journal) {
        return new JournalRetention(journal, settings(Optional.of(MONTH), false), clock);
    }

    /** 600 old entries, one of them with its payload apart, and 100 of today. */
    private List<Receipt> fill(Journal journal) {
        List<Receipt> receipts = new ArrayList<>(Journals.fill(journal, 599));
        receipts.add(journal.append(Facts.act("old", "req_big_old", 100_000)));
        clock.pass(MONTH.plusDays(1));
        receipts.addAll(Journals.fill(journal, 99));
        receipts.add(journal.append(Facts.act("new", "req_big_new", 100_000)));
        return receipts;
    }

    private Outcome run(Journal journal) {
        return retention(journal).run(ACTOR, "req_r", Optional.empty());
    }

    private Verification verified() {
        return JournalVerifier.verify(home.resolve("journal"), Optional.empty());
    }

    private void holdsAndSaysWhatWentBefore(long first) {
        assertThat(verified())
                .isInstanceOfSatisfying(
                        Verification.Holds.class,
                        holds ->
                                assertThat(holds.notes())
                                        .anyMatch(note ->
                                                note.equals(
                                                        "entries 0 to "
                                                                + (first - 1)
                                                                + " were removed by retention;"
                                                                + " their hashes hold")));
    }

    private void isBroken(String where, long index) {
        assertThat(verified())
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> {
                            assertThat(broken.where()).isEqualTo(where);
                            assertThat(broken.index()).isEqualTo(index);
                        });
    }

    private Path file(String name) {
        return home.resolve("journal").resolve(name);
    }

    private List<String> payloads() throws Exception {
        try (Stream<Path> files = Files.walk(file("blob"))) {
            return files.filter(Files::isRegularFile).map(Path::toString).toList();
        }
    }

    @Test
    void aCopyMadeAfterwardsHoldsAndBringsItsPayloads() throws Exception {
        Path copy = home.resolveSibling(home.getFileName() + "-copy");
        try (Journal journal = Journals.open(home, clock)) {
            fill(journal);
            run(journal);
            journal.copy()
                    .writeTo((path, _, content) -> {
                        Path file = copy.resolve(path);
                        Files.createDirectories(java.util.Objects.requireNonNull(file.getParent()));
                        Files.copy(content, file);
                    });
        }
        Files.copy(home.resolve("journal.key"), copy.resolve("journal.key"));
        assertThat(JournalVerifier.verify(copy.resolve("journal"), Optional.empty()))
                .isInstanceOf(Verification.Holds.class);
        try (Journal journal = Journals.open(copy, clock)) {
            assertThat(journal.first()).isPositive();
            assertThat(journal.search(JournalQuery.request("req_big_new"))).hasSize(1);
            assertThat(journal.entry(0)).isEmpty();
        }
    }

    @Test
    void whatIsOldEnoughGoesInWholeBundlesAndTheRestStillVerifies() throws Exception {
        List<Receipt> receipts;
        try (Journal journal = Journals.open(home, clock)) {
            receipts = fill(journal);
            assertThat(payloads()).hasSize(2);
            assertThat(run(journal))
                    .isInstanceOfSatisfying(
                            Outcome.Removed.class,
                            removed -> {
                                assertThat(removed.first()).isEqualTo(512);
                                assertThat(removed.entries()).isEqualTo(512);
                                assertThat(removed.bytes()).isGreaterThan(512 * 100);
                                assertThat(removed.act()).isEqualTo(700);
                            });
            assertThat(file("tile/entries/000")).doesNotExist();
            assertThat(file("tile/entries/001")).doesNotExist();
            assertThat(file("tile/0/000")).exists();
            // The old payload belongs to an entry whose bundle holds younger ones, too.
            assertThat(payloads()).hasSize(2);
            assertThat(journal.entry(511)).isEmpty();
            assertThat(journal.entry(512)).isPresent();
            assertThat(journal.first()).isEqualTo(512);
            assertThat(journal.entry(700).orElseThrow().json())
                    .contains("journal.retain", "\"outcome\":\"allowed\"", "first_kept");
            assertThat(run(journal)).isEqualTo(new Outcome.Nothing(512));
        }
        holdsAndSaysWhatWentBefore(512);
        try (Journal journal = Journals.open(home, clock)) {
            assertThat(journal.first()).isEqualTo(512);
            assertThat(journal.search(JournalQuery.request("req_17"))).hasSize(1);
            assertThat(journal.search(JournalQuery.request("req_590"))).hasSize(1);
            assertThat(journal.search(JournalQuery.newest(10_000)))
                    .allMatch(entry -> entry.index() >= 512)
                    .hasSize((int) journal.size() - 512);
            // Whoever kept the leaf hash of a removed entry can still show that it was recorded.
            String vkey = Journals.keys(home).vkey();
            assertThat(ProofVerifier.verify(journal.prove(3), vkey, receipts.get(3).leafHash()))
                    .isInstanceOf(ProofVerification.Holds.class);
        }
    }

    @Test
    void payloadsKeptApartGoWithTheirEntriesAndAnOldRecordDoesNotCoverThem() throws Exception {
        byte[] older;
        try (Journal journal = Journals.open(home, clock)) {
            fill(journal);
            run(journal);
            older = Files.readAllBytes(file("retention"));
            Journals.fill(journal, 256);
            clock.pass(MONTH.plusDays(1));
            assertThat(run(journal))
                    .isInstanceOfSatisfying(
                            Outcome.Removed.class,
                            removed -> assertThat(removed.first()).isEqualTo(768));
            assertThat(payloads()).isEmpty();
        }
        holdsAndSaysWhatWentBefore(768);
        Files.write(file("retention"), older);
        isBroken("tile/entries/002", 512);
    }

    @Test
    void nothingGoesWhileASubjectIsHeld() {
        try (Journal journal = Journals.open(home, clock)) {
            fill(journal);
            journal.subjects().hold("default", "ada", "case 4711");
            assertThat(run(journal))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            refused -> assertThat(refused.why()).contains("held subjects"));
            assertThat(journal.entry(0)).isPresent();

            journal.subjects().release("default", "ada");
            assertThat(run(journal)).isInstanceOf(Outcome.Removed.class);
        }
    }

    @Test
    void whatIsDueIsFoundWhileCheckpointsArePublished() throws InterruptedException {
        try (Journal journal = Journals.open(home, clock)) {
            fill(journal);
            journal.checkpointNow();
            Instant than = clock.instant().minus(MONTH);
            AtomicBoolean enough = new AtomicBoolean();
            Thread writer =
                    Thread.startVirtualThread(() -> {
                        for (int i = 0; !enough.get(); i++) {
                            journal.append(Facts.act(i));
                            journal.checkpointNow();
                        }
                    });
            try {
                for (int look = 0; look < 100; look++) {
                    assertThat(journal.retention().due(journal.retentionRecord(), than).first())
                            .isEqualTo(512);
                }
            } finally {
                enough.set(true);
                writer.join();
            }
        }
    }

    @Test
    void nothingGoesUnderALegalHoldOrWithoutBeingTold() {
        try (Journal journal = Journals.open(home, clock)) {
            fill(journal);
            long size = journal.size();
            assertThat(
                            new JournalRetention(journal, settings(Optional.of(MONTH), true), clock)
                                    .run(ACTOR, "req_r", Optional.empty()))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            refused -> assertThat(refused.why()).contains("legal hold"));
            assertThat(
                            new JournalRetention(journal, settings(Optional.empty(), false), clock)
                                    .run(ACTOR, "req_r", Optional.of(Duration.ofDays(9000))))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            refused -> assertThat(refused.why()).contains("is not set"));
            assertThat(retention(journal).run(ACTOR, "req_r", Optional.of(Duration.ofDays(29))))
                    .isInstanceOf(Outcome.Refused.class);
            assertThat(journal.size()).isEqualTo(size);
            assertThat(journal.entry(0)).isPresent();
        }
    }

    @Test
    void anEntryThatWasAlteredIsNamedAndStays() throws Exception {
        try (Journal journal = Journals.open(home, clock)) {
            fill(journal);
            journal.checkpointNow();
            byte[] bundle = Files.readAllBytes(file("tile/entries/001"));
            bundle[bundle.length - 5] ^= 1;
            Files.write(file("tile/entries/001"), bundle);
            assertThatThrownBy(() -> run(journal))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("entry 511 is not the entry that was signed");
            assertThat(file("tile/entries/000")).exists();
            assertThat(file("retention")).doesNotExist();
            assertThat(journal.first()).isZero();
        }
    }

    @Test
    void withoutTheSignedRecordAMissingEntryIsMissing() throws Exception {
        byte[] older;
        try (Journal journal = Journals.open(home, clock)) {
            fill(journal);
            run(journal);
            older = Files.readAllBytes(file("retention"));
        }
        Files.delete(file("retention"));
        isBroken("tile/entries/000", 0);
        older[60] ^= 1;
        Files.write(file("retention"), older);
        isBroken("retention", -1);
        older[60] ^= 1;
        Files.write(file("retention"), older);
        holdsAndSaysWhatWentBefore(512);
        // The hashes of what is gone are still held to the signed root, the chain to the record.
        byte[] tile = Files.readAllBytes(file("tile/0/001"));
        tile[40] ^= 1;
        Files.write(file("tile/0/001"), tile);
        assertThat(verified()).isInstanceOf(Verification.Broken.class);
        tile[40] ^= 1;
        Files.write(file("tile/0/001"), tile);
        Files.move(
                file("tile/entries/002.p/" + partial()),
                file("moved"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(verified())
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> assertThat(broken.index()).isEqualTo(512));
    }

    private String partial() throws Exception {
        try (Stream<Path> files = Files.list(file("tile/entries/002.p"))) {
            return files.map(path -> Integer.valueOf(String.valueOf(path.getFileName())))
                    .max(Integer::compare)
                    .orElseThrow()
                    .toString();
        }
    }

    @Test
    void whereverItIsInterruptedTheNextStartEndsIt() throws Exception {
        for (FaultyDisk.Call call :
                List.of(
                        FaultyDisk.Call.DELETE,
                        FaultyDisk.Call.REPLACE,
                        FaultyDisk.Call.SYNC_DIRECTORY)) {
            for (int nth = 1; nth <= 3; nth++) {
                for (boolean persists : new boolean[] {false, true}) {
                    interrupted(call, nth, persists);
                }
            }
        }
    }

    private void interrupted(FaultyDisk.Call call, int nth, boolean persists) throws Exception {
        Path here = home.resolve(call + "-" + nth + "-" + persists);
        Files.createDirectories(here);
        List<FaultyDisk> faults = new ArrayList<>();
        String trial = here.getFileName() + ": ";
        try (Journal journal =
                Journals.open(
                        here,
                        clock,
                        disk -> {
                            faults.add(new FaultyDisk(disk));
                            return faults.getLast();
                        })) {
            fill(journal);
            journal.checkpointNow();
            RetentionRecord before = journal.retentionRecord();
            Retention retention = journal.retention();
            Retention.Due due = retention.due(before, clock.instant().minus(MONTH));
            faults.getLast().fail(call, nth, persists);
            try {
                retention.sign(due, journal.keys());
                retention.remove(due.first());
            } catch (JournalException e) {
                assertThat(e).as(trial).hasMessageContaining("retention");
            }
            faults.getLast().fail(FaultyDisk.Call.DELETE, Integer.MAX_VALUE, false);
        }
        try (Journal journal = Journals.open(here, clock)) {
            run(here, journal);
        }
        Verification verification =
                JournalVerifier.verify(here.resolve("journal"), Optional.empty());
        assertThat(verification).as(trial).isInstanceOf(Verification.Holds.class);
        try (Stream<Path> files = Files.list(here.resolve("journal/tile/entries"))) {
            Set<String> left =
                    files.map(file -> String.valueOf(file.getFileName()))
                            .filter(name -> name.length() == 3)
                            .collect(Collectors.toSet());
            assertThat(left).as(trial).doesNotContain("000", "001");
        }
    }

    private void run(Path here, Journal journal) {
        JournalRetention retention =
                new JournalRetention(journal, settings(Optional.of(MONTH), false), clock);
        Outcome outcome = retention.run(ACTOR, "req_again", Optional.empty());
        assertThat(outcome).as(here.toString()).isNotInstanceOf(Outcome.Refused.class);
    }
}
