package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditLog.Receipt;
import atlas.core.AuditUnavailableException;
import atlas.core.Digest;
import atlas.journal.store.Disk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalFaultsTest {
    @TempDir Path home;

    private final List<FaultyDisk> faults = new ArrayList<>();

    private final UnaryOperator<Disk> faulty =
            disk -> {
                faults.add(new FaultyDisk(disk));
                return faults.getLast();
            };

    @ParameterizedTest
    @CsvSource({
        "WRITE, 1, false", "WRITE, 1, true", "WRITE, 3, false", "FORCE, 1, false",
        "FORCE, 1, true", "FORCE, 4, true", "REPLACE, 1, false", "REPLACE, 2, true",
        "REPLACE, 3, true", "REPLACE, 4, false", "REPLACE, 5, true", "SYNC_DIRECTORY, 1, false",
        "SYNC_DIRECTORY, 3, true", "DELETE, 1, false"
    })
    void afterAnyFailedCallNothingIsAcknowledgedAndNothingAcknowledgedIsLost(
            FaultyDisk.Call call, int nth, boolean persists) throws Exception {
        Map<Long, Digest> acknowledged = new HashMap<>();
        Journal journal = Journals.open(home, Clock.systemUTC(), faulty);
        Journals.fill(journal, 300).forEach(r -> acknowledged.put(r.index(), r.leafHash()));
        faults.getLast().fail(call, nth, persists);
        boolean failed = false;
        for (int i = 0; i < 40 && !failed; i++) {
            try {
                Receipt receipt = journal.append(Facts.act(i));
                acknowledged.put(receipt.index(), receipt.leafHash());
                if (i % 8 == 7) {
                    journal.checkpointNow();
                }
            } catch (AuditUnavailableException | JournalException e) {
                failed = true;
            }
        }
        if (failed) {
            assertThat(journal.health().state()).isEqualTo(JournalHealth.State.FAILED);
            assertThatThrownBy(() -> journal.append(Facts.act(99)))
                    .isInstanceOf(AuditUnavailableException.class)
                    .hasMessageContaining("failed");
            assertThat(journal.entry(7)).as("reading goes on").isPresent();
        }
        journal.close();
        expectAll(acknowledged);
    }

    private void expectAll(Map<Long, Digest> acknowledged) {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            acknowledged.forEach((index, leaf) ->
                    assertThat(journal.entry(index).map(JournalEntry::leafHash))
                            .as("entry " + index)
                            .contains(leaf));
            journal.append(Facts.act(1));
        }
        assertThat(JournalVerifier.verify(home.resolve("journal"), Optional.empty()))
                .isInstanceOf(Verification.Holds.class);
    }

    @Test
    void refusesWhenTheSegmentInUseWasRemoved() {
        try (Journal journal = Journals.open(home, Clock.systemUTC(), faulty)) {
            journal.append(Facts.act(1));
            faults.getLast().unlinked = true;
            assertThatThrownBy(() -> journal.append(Facts.act(2)))
                    .isInstanceOf(AuditUnavailableException.class)
                    .hasMessageContaining("removed while in use");
        }
    }

    @Test
    void refusesWhileTheDiskIsStuckAndRecoversAfterwards() throws Exception {
        JournalConfig patient = Journals.config(home);
        JournalConfig config =
                new JournalConfig(
                        patient.directory(),
                        patient.origin(),
                        patient.mode(),
                        patient.interval(),
                        patient.checkpointInterval(),
                        patient.checkpointEvery(),
                        Duration.ofMillis(40),
                        0,
                        8192);
        Opened.Tuning tuning = new Opened.Tuning(faulty, Journals.SEGMENT);
        Clock clock = Clock.systemUTC();
        try (Journal journal = Journal.open(config, Journals.keys(home), clock, tuning)) {
            FaultyDisk disk = faults.getLast();
            disk.hold = new CountDownLatch(1);
            CompletableFuture<Receipt> first = journal.submit(Facts.act(1));
            CompletableFuture<Receipt> second = journal.submit(Facts.act(2));
            assertThatThrownBy(first::join).hasRootCauseInstanceOf(AuditUnavailableException.class);
            assertThatThrownBy(second::join)
                    .hasRootCauseInstanceOf(AuditUnavailableException.class);
            assertThatThrownBy(() -> journal.append(Facts.act(3)))
                    .isInstanceOf(AuditUnavailableException.class);
            assertThat(journal.health().state()).isEqualTo(JournalHealth.State.SLOW);

            disk.hold.countDown();
            while (!recorded(journal)) {
                Thread.onSpinWait();
            }
            assertThat(journal.size()).isPositive();
        }
    }

    @Test
    void refusesAFloodWithBoundedMemoryAndKeepsWhatItAccepted() throws Exception {
        try (Journal journal = Journals.open(home, Clock.systemUTC(), faulty)) {
            FaultyDisk disk = faults.getLast();
            disk.hold = new CountDownLatch(1);
            List<CompletableFuture<Receipt>> all = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                all.add(journal.submit(Facts.act(i)));
            }
            assertThat(journal.health().pending()).isLessThanOrEqualTo(8192);
            long refusedAtOnce = all.stream().filter(CompletableFuture::isDone).count();
            assertThat(refusedAtOnce).isEqualTo(10_000 - 8192);
            disk.hold.countDown();
            long accepted = all.stream().filter(JournalFaultsTest::succeeds).count();
            assertThat(accepted).isEqualTo(8192).isEqualTo(journal.size());
        }
    }

    @Test
    void boundsWhatWaitsInBytesToo() {
        Intake intake = new Intake(100);
        for (int i = 0; i < 4; i++) {
            assertThat(intake.reserve(15 << 20)).isTrue();
        }
        assertThat(intake.reserve(15 << 20)).isFalse();
        intake.release(15 << 20);
        assertThat(intake.reserve(15 << 20)).isTrue();
        assertThat(intake.pending()).isEqualTo(4);
    }

    private static boolean recorded(Journal journal) {
        try {
            journal.append(Facts.act(4));
            return true;
        } catch (AuditUnavailableException e) {
            return false;
        }
    }

    private static boolean succeeds(CompletableFuture<Receipt> future) {
        try {
            future.join();
            return true;
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(AuditUnavailableException.class);
            return false;
        }
    }

    @Test
    void refusesAtTheReserveAndTakesAgainWhenThereIsRoom() {
        JournalConfig plain = Journals.config(home);
        JournalConfig config =
                new JournalConfig(
                        plain.directory(),
                        plain.origin(),
                        plain.mode(),
                        plain.interval(),
                        plain.checkpointInterval(),
                        plain.checkpointEvery(),
                        plain.deadline(),
                        1 << 20,
                        8192);
        Opened.Tuning tuning = new Opened.Tuning(faulty, Journals.SEGMENT);
        Clock clock = Clock.systemUTC();
        try (Journal journal = Journal.open(config, Journals.keys(home), clock, tuning)) {
            journal.append(Facts.act(1));
            faults.getLast().usable = 1000;
            await(journal, JournalHealth.State.FULL);
            assertThatThrownBy(() -> journal.append(Facts.act(2)))
                    .isInstanceOf(AuditUnavailableException.class)
                    .hasMessageContaining("reserve");
            assertThat(journal.entry(0)).isPresent();
            faults.getLast().usable = Long.MAX_VALUE;
            await(journal, JournalHealth.State.OPEN);
            assertThat(journal.append(Facts.act(3)).index()).isEqualTo(1);
        }
    }

    private static void await(Journal journal, JournalHealth.State state) {
        while (journal.health().state() != state) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aSealerWithoutItsKeyRecordsNothing() {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            journal.append(Facts.act(1));
        }
        assertThat(Files.exists(home.resolve("journal/closed"))).isTrue();
        JournalKeys keys =
                JournalKeys.create(
                        Journals.ORIGIN,
                        new atlas.core.crypto.Sealer() {
                            @Override
                            public byte[] seal(byte[] plaintext, byte[] associatedData) {
                                throw new atlas.core.crypto.KeyUnavailableException("away", null);
                            }

                            @Override
                            public byte[] open(byte[] sealed, byte[] associatedData) {
                                throw new atlas.core.crypto.KeyUnavailableException("away", null);
                            }
                        });
        Path other = home.resolve("other");
        JournalConfig config = JournalConfig.defaults(other.resolve("journal"), Journals.ORIGIN);
        try (Journal journal = Journal.open(config, keys, Clock.systemUTC())) {
            assertThatThrownBy(() -> journal.append(Facts.act(1)))
                    .isInstanceOf(AuditUnavailableException.class)
                    .hasMessageContaining("sealed");
            assertThat(journal.size()).isZero();
        }
    }
}
