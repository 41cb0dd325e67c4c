package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditLog.Receipt;
import atlas.core.AuditUnavailableException;
import atlas.core.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-11-23T12:00:00.123456789Z"), ZoneOffset.UTC);

    @TempDir Path home;

    @Test
    void givesReceiptsInOrderAndReadsBackWhatWasRecorded() {
        try (Journal journal = Journals.open(home, CLOCK)) {
            Receipt first = journal.append(Facts.act("alice", "req_1", 10));
            Receipt second = journal.append(Facts.act("bob", "req_2", 10));

            assertThat(first.index()).isZero();
            assertThat(second.index()).isEqualTo(1);
            JournalEntry entry = journal.entry(1).orElseThrow();
            assertThat(entry.kind()).isEqualTo("admin.act");
            assertThat(entry.json()).contains("\"principal\":\"bob\"");
            assertThat(entry.when()).isEqualTo(CLOCK.instant());
            assertThat(entry.leafHash()).isEqualTo(second.leafHash());
            assertThat(journal.entry(2)).isEmpty();
        }
    }

    @Test
    void readsTheSameEntriesBeforeAndAfterACheckpointAndAfterReopening() {
        List<JournalEntry> before = new ArrayList<>();
        try (Journal journal = Journals.open(home, CLOCK)) {
            Journals.fill(journal, 600);
            for (int i = 0; i < 600; i++) {
                before.add(journal.entry(i).orElseThrow());
            }
            assertThat(journal.checkpointNow().size()).isEqualTo(600);
            for (int i = 0; i < 600; i += 37) {
                assertThat(journal.entry(i)).contains(before.get(i));
            }
        }
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.size()).isEqualTo(600);
            for (int i = 0; i < 600; i += 37) {
                assertThat(journal.entry(i)).contains(before.get(i));
            }
            assertThat(journal.append(Facts.act(600)).index()).isEqualTo(600);
        }
    }

    @Test
    void nothingRecordedLiesOnTheDiskInTheClear() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.append(Facts.act("principal-to-look-for", "req_1", 100_000));
            journal.append(Facts.act("principal-to-look-for", "req_1", 10));
        }
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(content).doesNotContain("principal-to-look-for");
            }
        }
    }

    @Test
    void keepsEventsTooBigForAnEntryApart() {
        try (Journal journal = Journals.open(home, CLOCK)) {
            Receipt receipt = journal.append(Facts.act("alice", "req_1", 3_000_000));
            JournalEntry entry = journal.entry(receipt.index()).orElseThrow();
            assertThat(entry.json()).hasSizeGreaterThan(3_000_000);
        }
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.entry(0).orElseThrow().json()).hasSizeGreaterThan(3_000_000);
        }
    }

    @Test
    void provesEveryEntryToAVerifierThatHasOnlyTheKey() {
        JournalKeys keys = Journals.keys(home);
        try (Journal journal = Journals.open(home, CLOCK)) {
            List<Receipt> receipts = Journals.fill(journal, 300);
            for (int i = 0; i < 300; i += 13) {
                String proof = journal.prove(i);
                assertThat(ProofVerifier.verify(proof, keys.vkey(), receipts.get(i).leafHash()))
                        .isInstanceOf(ProofVerification.Holds.class);
                Digest other = receipts.get((i + 1) % 300).leafHash();
                assertThat(ProofVerifier.verify(proof, keys.vkey(), other))
                        .isInstanceOf(ProofVerification.Broken.class);
            }
        }
    }

    @Test
    void findsByKindPrincipalRequestTextAndTime() {
        try (Journal journal = Journals.open(home, CLOCK)) {
            Journals.fill(journal, 100);
            journal.append(Facts.act("carol", "req_special", 10));

            assertThat(journal.search(query(Optional.of("carol"), Optional.empty())))
                    .extracting(JournalEntry::index)
                    .containsExactly(100L);
            assertThat(journal.search(query(Optional.empty(), Optional.of("REQ_SPECIAL"))))
                    .hasSize(1);
            assertThat(journal.search(JournalQuery.request("req_42")))
                    .extracting(JournalEntry::index)
                    .containsExactly(42L);
            assertThat(journal.search(JournalQuery.newest(3)))
                    .extracting(JournalEntry::index)
                    .containsExactly(100L, 99L, 98L);
            assertThat(journal.find(JournalQuery.newest(3)).complete()).isFalse();
            assertThat(journal.search(query(Optional.of("nobody"), Optional.empty()))).isEmpty();
        }
    }

    @Test
    void timesFurtherOffThanMillisecondsCanSayAreNoBound() {
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.append(Facts.act(1));

            assertThat(journal.search(between(Instant.MIN, Instant.MAX))).hasSize(1);
            assertThat(journal.search(between(Instant.MAX, Instant.MAX))).isEmpty();
        }
    }

    @Test
    void largeEntriesAreReadAFewAtATimeAndWithoutAGap() {
        try (Journal journal = Journals.open(home, CLOCK)) {
            for (int i = 0; i < 20; i++) {
                journal.append(Facts.act("carol", "req_" + i, 1 << 20));
            }
            List<Long> read = new ArrayList<>();
            while (read.size() < 20) {
                List<JournalEntry> some = journal.entries(read.size(), 500);
                assertThat(some.size()).isBetween(1, 5);
                some.forEach(entry -> read.add(entry.index()));
            }
            assertThat(read).isEqualTo(LongStream.range(0, 20).boxed().toList());

            SearchResult found = journal.find(JournalQuery.newest(500));
            assertThat(found.entries()).hasSizeBetween(1, 17);
            assertThat(found.complete()).isFalse();
            assertThat(found.lastLooked()).isEqualTo(20 - found.entries().size());
        }
    }

    private static JournalQuery query(Optional<String> principal, Optional<String> text) {
        return query(principal, text, CLOCK.instant(), CLOCK.instant());
    }

    private static JournalQuery between(Instant since, Instant until) {
        return query(Optional.empty(), Optional.empty(), since, until);
    }

    private static JournalQuery query(
            Optional<String> principal, Optional<String> text, Instant since, Instant until) {
        return new JournalQuery(
                Optional.of("admin.act"),
                principal,
                Optional.empty(),
                Optional.empty(),
                Optional.of("allowed"),
                text,
                Optional.of(since),
                Optional.of(until),
                -1,
                50,
                true);
    }

    @Test
    void tellsListenersInOrderAfterDurability() throws Exception {
        List<Long> heard = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(200);
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.onAppended(appended -> {
                assertThat(journal.size()).isGreaterThan(appended.index());
                heard.add(appended.index());
                all.countDown();
            });
            Journals.fill(journal, 200);
            assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(heard).isSorted().hasSize(200).doesNotHaveDuplicates();
    }

    @Test
    void sixtyFourWritersAtOnceEachGetTheirOwnPlace() throws Exception {
        Set<Long> indexes = new HashSet<>();
        try (Journal journal = Journals.open(home, CLOCK);
                ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<List<Receipt>>> all = new ArrayList<>();
            for (int w = 0; w < 64; w++) {
                int writer = w;
                all.add(
                        CompletableFuture.supplyAsync(
                                () -> {
                                    List<Receipt> receipts = new ArrayList<>();
                                    for (int i = 0; i < 20; i++) {
                                        receipts.add(journal.append(Facts.act(writer * 20 + i)));
                                    }
                                    return receipts;
                                },
                                writers));
            }
            for (CompletableFuture<List<Receipt>> one : all) {
                one.join().forEach(receipt -> indexes.add(receipt.index()));
            }
            assertThat(journal.size()).isEqualTo(1280);
        }
        assertThat(indexes).hasSize(1280);
    }

    @Test
    void refusesASecondWriter() {
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThatThrownBy(() -> Journals.open(home, CLOCK))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("already open");
            assertThat(journal.append(Facts.act(1)).index()).isZero();
        }
    }

    @Test
    void refusesToOpenWithAnotherKey() {
        Journals.open(home, CLOCK).close();
        JournalKeys others = JournalKeys.create(Journals.ORIGIN, MemorySealer.fixed());
        assertThatThrownBy(() -> Journal.open(Journals.config(home), others, CLOCK))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("another key");
    }

    @Test
    void refusesAfterClosing() {
        Journal journal = Journals.open(home, CLOCK);
        journal.append(Facts.act(1));
        journal.close();
        assertThatThrownBy(() -> journal.append(Facts.act(2)))
                .isInstanceOf(AuditUnavailableException.class)
                .hasMessageContaining("closed");
        assertThat(journal.health().state()).isEqualTo(JournalHealth.State.CLOSED);
        assertThat(journal.entry(0)).isPresent();
    }

    @Test
    void keysComeBackFromTheirExport() {
        JournalKeys keys = Journals.keys(home);
        JournalKeys again =
                JournalKeys.open(
                        keys.export(MemorySealer.fixed()),
                        MemorySealer.fixed(),
                        MemorySealer.fixed());
        assertThat(again.vkey()).isEqualTo(keys.vkey());
    }

    @Test
    void intervalModeRecordsToo() {
        JournalConfig config = Journals.config(home, JournalConfig.Mode.INTERVAL);
        try (Journal journal = Journal.open(config, Journals.keys(home), CLOCK)) {
            Journals.fill(journal, 500);
            assertThat(journal.size()).isEqualTo(500);
        }
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.size()).isEqualTo(500);
        }
    }
}
