package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditEvent;
import atlas.core.AuditUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.journal.JournalSubjects.Erased;
import atlas.journal.JournalSubjects.HeldException;
import atlas.journal.JournalSubjects.Order;
import atlas.journal.store.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErasureTest {
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-11-23T12:00:00Z"), ZoneOffset.UTC);

    @TempDir private Path home;

    private static Order order(String principal) {
        return new Order("default", principal, "req_erase", "sam", "asked for it");
    }

    /** Entries 0, 2 and 4 of ada, 1 and 3 of bob; one of them in a blob. */
    private static void fill(Journal journal) {
        journal.append(Facts.intent("ada", "req_0", "what do I owe"));
        journal.append(Facts.act("bob", "req_1", 10));
        journal.append(Facts.act("ada", "req_2", 100_000));
        journal.append(Facts.act("bob", "req_3", 10));
        journal.append(Facts.act("ada", "req_4", 10));
    }

    private static JournalQuery by(String principal) {
        return new JournalQuery(
                Optional.empty(),
                Optional.of(principal),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                -1,
                100,
                false);
    }

    private static List<String> kinds(Journal journal) {
        return Stream.iterate(0L, i -> i + 1)
                .limit(journal.size())
                .map(i -> journal.entry(i).orElseThrow().kind())
                .toList();
    }

    @Test
    void anErasedSubjectIsReadableNowhereAndEveryProofHolds() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
            String proof = journal.prove(0);
            Checkpoint before = journal.checkpointNow();

            Erased erased = journal.subjects().erase(order("ada"));

            assertThat(erased.keys()).singleElement().asString().startsWith("2026-11/1.");
            assertThat(erased.entry()).isEqualTo(5);
            assertThat(kinds(journal))
                    .containsExactly(
                            "erased",
                            "admin.act",
                            "erased",
                            "admin.act",
                            "erased",
                            "subject.erased");
            JournalEntry gone = journal.entry(0).orElseThrow();
            assertThat(gone.erased()).isTrue();
            assertThat(gone.json()).isEqualTo("{\"kind\":\"erased\"}");
            assertThat(journal.search(by("ada"))).isEmpty();
            assertThat(journal.search(by("bob"))).hasSize(2);
            assertThat(journal.search(JournalQuery.request("req_0"))).isEmpty();
            assertThat(journal.search(JournalQuery.ofKind("erased", -1, 100))).hasSize(3);
            assertThat(ProofVerifier.verify(proof, Journals.keys(home).vkey(), gone.leafHash()))
                    .isInstanceOf(ProofVerification.Holds.class);
            assertThat(journal.checkpoint().size()).isGreaterThanOrEqualTo(before.size());
        }
        assertThat(JournalVerifier.verify(home.resolve("journal"), Optional.empty()))
                .isInstanceOf(Verification.Holds.class);
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.entry(2).orElseThrow().erased()).isTrue();
            assertThat(journal.search(by("ada"))).isEmpty();
            assertThat(journal.search(by("bob"))).hasSize(2);
        }
    }

    @Test
    void theRecordOfAnErasureNamesNobody() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
            Erased erased = journal.subjects().erase(order("ada"));
            String json = journal.entry(erased.entry()).orElseThrow().json();

            // In random hexadecimal digits a short name can stand by chance.
            assertThat(json.replaceAll("[0-9a-f]{12,}", "")).doesNotContain("ada", "sam");
            assertThat(json).contains(journal.subjects().pseudonym("default", "ada"), "2026-11/1");
        }
    }

    @Test
    void whatASubjectDoesAfterwardsIsRecordedUnderANewKey() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
            journal.subjects().erase(order("ada"));
            journal.append(Facts.act("ada", "req_6", 10));

            assertThat(journal.entry(6).orElseThrow().json()).contains("req_6");
            assertThat(journal.search(by("ada"))).hasSize(1);

            assertThat(journal.subjects().erase(order("ada")).keys())
                    .singleElement()
                    .asString()
                    .startsWith("2026-11/3.");
            assertThat(journal.entry(6).orElseThrow().erased()).isTrue();
        }
    }

    @Test
    void aHeldSubjectIsNotErasedUntilItIsReleased() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
            journal.subjects().hold("default", "ada", "case 4711");

            assertThatThrownBy(() -> journal.subjects().erase(order("ada")))
                    .isInstanceOf(HeldException.class)
                    .hasMessage("case 4711");
            assertThat(journal.entry(0).orElseThrow().erased()).isFalse();
            assertThat(journal.subjects().erase(order("bob")).keys()).hasSize(1);
        }
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.subjects().holds())
                    .containsExactly(
                            new JournalSubjects.Hold(
                                    "default", "ada", "case 4711", CLOCK.instant()));
            assertThat(journal.subjects().release("default", "ada")).isTrue();
            assertThat(journal.subjects().release("default", "ada")).isFalse();
            assertThat(journal.subjects().erase(order("ada")).keys()).hasSize(1);
        }
    }

    @Test
    void aSubjectOfAnotherTenantWithTheSameNameIsNotTouched() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);

            assertThat(
                            journal.subjects()
                                    .erase(new Order("other", "ada", "req", "sam", "asked"))
                                    .keys())
                    .isEmpty();
            assertThat(journal.entry(0).orElseThrow().erased()).isFalse();
        }
    }

    @Test
    void whatAnErasureLeftUndoneIsDoneByTheNextTry() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
            journal.suspend("for a while");
            assertThatThrownBy(() -> journal.subjects().erase(order("ada")))
                    .isInstanceOf(AuditUnavailableException.class);
            assertThat(journal.entry(0).orElseThrow().erased()).isFalse();
            assertThat(slot(1)).isInstanceOf(KeySlot.Live.class);
            journal.resume();

            Erased erased = journal.subjects().erase(order("ada"));

            assertThat(erased.keys()).singleElement().asString().startsWith("2026-11/1.");
            assertThat(journal.entry(erased.entry()).orElseThrow().json()).contains("2026-11/1");
            assertThat(journal.search(JournalQuery.ofKind("erased", -1, 100))).hasSize(3);
        }
    }

    /**
     * Every write of an erasure fails once, done and not done: after a restart it is all or
     * nothing.
     */
    @Test
    void aCrashAtAnyWriteLeavesASubjectWholeOrErased() throws Exception {
        int crashes = 0;
        for (FaultyDisk.Call call : FaultyDisk.Call.values()) {
            for (boolean persists : new boolean[] {false, true}) {
                for (int nth = 1; nth <= 12; nth++) {
                    Path at =
                            Files.createDirectory(home.resolve(call + "-" + persists + "-" + nth));
                    if (!crashed(at, call, nth, persists)) {
                        break;
                    }
                    crashes++;
                    try (Journal journal = Journals.open(at, CLOCK)) {
                        List<Boolean> erased =
                                Stream.of(0L, 2L, 4L)
                                        .map(i -> journal.entry(i).orElseThrow().erased())
                                        .distinct()
                                        .toList();
                        assertThat(erased).as(at.toString()).hasSize(1);
                        assertThat(journal.search(by("ada"))).hasSize(erased.getFirst() ? 0 : 3);
                        long told =
                                journal.search(JournalQuery.ofKind("subject.erased", -1, 9)).size();
                        assertThat(told > 0).as(at + ": journaled").isEqualTo(erased.getFirst());
                        assertThat(journal.entry(1).orElseThrow().erased()).isFalse();
                    }
                }
            }
        }
        assertThat(crashes).isGreaterThan(20);
    }

    private static boolean crashed(Path at, FaultyDisk.Call call, int nth, boolean persists)
            throws HeldException {
        FaultyDisk[] disk = new FaultyDisk[1];
        try (Journal journal = Journals.open(at, CLOCK, real -> disk[0] = new FaultyDisk(real))) {
            fill(journal);
            journal.checkpointNow();
            disk[0].fail(call, nth, persists);
            try {
                journal.subjects().erase(order("ada"));
            } catch (JournalException | AuditUnavailableException e) {
                return true;
            }
            return journal.health().state() == JournalHealth.State.FAILED;
        }
    }

    @Test
    void anOlderCopyOfTheKeysDoesNotBringThemBack() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
        }
        Path backup = home.resolve("backup");
        copy(home.resolve("journal.keys"), backup);
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.subjects().erase(order("ada"));
        }
        copy(backup, home.resolve("journal.keys"));

        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.entry(0).orElseThrow().erased()).isTrue();
            assertThat(journal.entry(1).orElseThrow().erased()).isFalse();
        }
        assertThat(slot(1)).isInstanceOf(KeySlot.Destroyed.class);
    }

    /**
     * Of the records only the month's keys are put back: that they are gone is known all the same.
     */
    @Test
    void anOlderKeyFileAloneDoesNotBringThemBackEither() throws Exception {
        Path month = home.resolve("journal.keys/2026-11");
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
        }
        byte[] older = Files.readAllBytes(month);
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.subjects().erase(order("ada"));
        }
        Journals.open(home, CLOCK).close();
        Files.write(month, older);

        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.entry(0).orElseThrow().erased()).isTrue();
            assertThat(journal.entry(1).orElseThrow().erased()).isFalse();
        }
        assertThat(slot(1)).isInstanceOf(KeySlot.Destroyed.class);
    }

    @Test
    void anEntryWhoseKeyWasLostWithItsFileNeverReadsAsErased() throws Exception {
        Path month = home.resolve("journal.keys/2026-11");
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.append(Facts.act("ada", "req_0", 10));
        }
        byte[] older = Files.readAllBytes(month);
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.append(Facts.act("bob", "req_1", 10));
        }
        Files.write(month, older);
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.append(Facts.act("eve", "req_2", 10));
            journal.subjects().erase(order("eve"));

            assertThat(kinds(journal))
                    .containsExactly("admin.act", "lost", "erased", "subject.erased");
        }
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(kinds(journal))
                    .containsExactly("admin.act", "lost", "erased", "subject.erased");
        }
    }

    @Test
    void noKeyIsDestroyedBeforeTheJournalSaysSo() throws Exception {
        boolean[] watched = {false};
        Journal[] opened = new Journal[1];
        List<Boolean> told = new CopyOnWriteArrayList<>();
        UnaryOperator<Disk> between =
                real ->
                        new ObservedDisk(
                                real,
                                path -> {
                                    boolean key = path.toString().contains("journal.keys/2026");
                                    if (watched[0] && key) {
                                        told.add(opened[0].size() == 6);
                                    }
                                });
        try (Journal journal = Journals.open(home, CLOCK, between)) {
            opened[0] = journal;
            fill(journal);
            watched[0] = true;

            journal.subjects().erase(order("ada"));
        }
        assertThat(told).isNotEmpty().containsOnly(true);
    }

    @Test
    void anErasureThatWasBegunAndNotRecordedIsFinishedByTheNextStart() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
            journal.suspend("for a while");
            assertThatThrownBy(() -> journal.subjects().erase(order("ada")))
                    .isInstanceOf(AuditUnavailableException.class);
        }
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.entry(0).orElseThrow().erased()).isTrue();
            assertThat(journal.search(JournalQuery.ofKind("subject.erased", -1, 9))).hasSize(1);
        }
    }

    @Test
    void aHoldPutBeforeAnErasureWasRecordedKeepsTheNextStartFromIt() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
            journal.suspend("for a while");
            assertThatThrownBy(() -> journal.subjects().erase(order("ada")))
                    .isInstanceOf(AuditUnavailableException.class);
            journal.subjects().hold("default", "ada", "case 4711");
        }
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.entry(0).orElseThrow().erased()).isFalse();
            assertThat(journal.search(JournalQuery.ofKind("subject.erased", -1, 9))).isEmpty();
            journal.subjects().release("default", "ada");
        }
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.entry(0).orElseThrow().erased()).isFalse();
        }
    }

    @Test
    void anAlertIsErasedWithTheSubjectOfTheTenantItIsAbout() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.append(alert("acme"));
            journal.append(alert("default"));

            journal.subjects().erase(new Order("acme", "ada", "req", "sam", "asked"));

            assertThat(kinds(journal)).containsExactly("erased", "alert.raised", "subject.erased");
        }
    }

    private static AuditEvent alert(String tenant) {
        return new AuditEvent.AlertRaised(
                "alr_1", "denied_burst", "medium", tenant, "ada", "twenty refusals", List.of(0L));
    }

    @Test
    void aStartThatCannotReadWhatWasBegunLetsGoOfTheDirectory() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
        }
        Path begun = Files.createDirectories(home.resolve("journal.keys/begun")).resolve("ada");
        Files.write(begun, new byte[64]);
        assertThatThrownBy(() -> Journals.open(home, CLOCK))
                .isInstanceOf(SealBrokenException.class);
        Files.delete(begun);

        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.size()).isEqualTo(5);
        }
    }

    private KeySlot slot(int number) throws IOException {
        return KeyFile.read(home.resolve("journal.keys/2026-11"), number);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    @Test
    void nothingOnTheDiskHoldsTheWrappedKeyAfterwards() throws Exception {
        byte[] wrapped;
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
            wrapped = ((KeySlot.Live) slot(1)).wrapped();
            journal.subjects().erase(order("ada"));
        }
        String needle = new String(wrapped, StandardCharsets.ISO_8859_1);
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(needle);
            }
        }
    }

    @Test
    void aReceiptIsNotGivenForWhatWasErased() throws Exception {
        try (Journal journal = Journals.open(home, CLOCK)) {
            fill(journal);
            assertThat(
                            new String(
                                    journal.evidence(0).orElseThrow().statement(),
                                    StandardCharsets.UTF_8))
                    .contains("req_0");
            journal.subjects().erase(order("ada"));

            assertThat(journal.evidence(0)).isEmpty();
        }
    }
}
