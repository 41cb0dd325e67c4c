package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditLog.Receipt;
import atlas.core.AuditUnavailableException;
import atlas.core.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a journal promises, whatever orders and keeps its entries. */
abstract class JournalContract {
    @TempDir Path home;

    private Rig rig;

    abstract Rig rig(Path directory);

    @BeforeEach
    void setUp() {
        rig = rig(home.resolve("rig"));
    }

    @AfterEach
    void tearDown() {
        rig.close();
    }

    private Journal open() {
        return rig.open(home.resolve("member"));
    }

    private void expectIntact(Map<Long, Digest> acknowledged) {
        try (Journal journal = open()) {
            acknowledged.forEach((index, leaf) ->
                    assertThat(journal.entry(index).map(JournalEntry::leafHash))
                            .as("entry " + index)
                            .contains(leaf));
            journal.append(Facts.act(1));
        }
        expectVerified();
    }

    private Verification.Holds expectVerified() {
        Verification verification = JournalVerifier.verify(rig.log(), Optional.empty());
        assertThat(verification).isInstanceOf(Verification.Holds.class);
        return (Verification.Holds) verification;
    }

    private static Map<Long, Digest> leaves(List<Receipt> receipts) {
        Map<Long, Digest> leaves = new HashMap<>();
        receipts.forEach(receipt -> leaves.put(receipt.index(), receipt.leafHash()));
        return leaves;
    }

    @Test
    void givesPlacesInOrderAndReadsBackWhatWasRecorded() {
        try (Journal journal = open()) {
            assertThat(journal.append(Facts.act("alice", "req_1", 10)).index()).isZero();
            Receipt second = journal.append(Facts.act("bob", "req_2", 10));
            assertThat(second.index()).isEqualTo(1);

            JournalEntry entry = journal.entry(1).orElseThrow();
            assertThat(entry.kind()).isEqualTo("admin.act");
            assertThat(entry.json()).contains("\"principal\":\"bob\"");
            assertThat(entry.leafHash()).isEqualTo(second.leafHash());
            assertThat(journal.entry(2)).isEmpty();
        }
        assertThat(expectVerified().size()).isEqualTo(2);
    }

    @Test
    void manyWritersAtOnceEachGetTheirOwnPlaceAndNoneIsLeftOut() {
        List<Receipt> all = new ArrayList<>();
        try (Journal journal = open();
                ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<List<Receipt>>> running = new ArrayList<>();
            for (int w = 0; w < 32; w++) {
                int writer = w;
                running.add(
                        CompletableFuture.supplyAsync(
                                () -> {
                                    List<Receipt> own = new ArrayList<>();
                                    for (int i = 0; i < 20; i++) {
                                        own.add(journal.append(Facts.act(writer * 20 + i)));
                                    }
                                    return own;
                                },
                                writers));
            }
            running.forEach(one -> all.addAll(one.join()));
        }
        assertThat(all.stream().mapToLong(Receipt::index).sorted())
                .containsExactlyElementsOf(
                        java.util.stream.LongStream.range(0, 640).boxed().toList());
        assertThat(expectVerified().size()).isEqualTo(640);
        expectIntact(leaves(all));
    }

    @Test
    void readsTheSameAfterBeingOpenedAgain() {
        Map<Long, Digest> leaves;
        try (Journal journal = open()) {
            leaves = leaves(Journals.fill(journal, 600));
            assertThat(journal.checkpointNow().size()).isEqualTo(600);
        }
        try (Journal journal = open()) {
            assertThat(journal.size()).isEqualTo(600);
            assertThat(journal.search(JournalQuery.request("req_17"))).hasSize(1);
        }
        expectIntact(leaves);
    }

    @Test
    void provesEveryEntryToAVerifierThatHasOnlyTheKey() {
        try (Journal journal = open()) {
            String vkey = Journals.keys(home.resolve("rig")).vkey();
            List<Receipt> receipts = Journals.fill(journal, 300);
            for (int i = 0; i < 300; i += 29) {
                String proof = journal.prove(i);
                assertThat(ProofVerifier.verify(proof, vkey, receipts.get(i).leafHash()))
                        .isInstanceOf(ProofVerification.Holds.class);
                Digest other = receipts.get((i + 1) % 300).leafHash();
                assertThat(ProofVerifier.verify(proof, vkey, other))
                        .isInstanceOf(ProofVerification.Broken.class);
            }
        }
    }

    @Test
    void keepsEventsTooBigForAnEntryApartAndNothingInTheClear() {
        try (Journal journal = open()) {
            journal.append(Facts.act("principal-to-look-for", "req_1", 10));
            Receipt big = journal.append(Facts.act("principal-to-look-for", "req_2", 1_000_000));
            assertThat(journal.entry(big.index()).orElseThrow().json())
                    .hasSizeGreaterThan(1_000_000);
            assertThat(rig.kept())
                    .isNotEmpty()
                    .allSatisfy(text -> assertThat(text).doesNotContain("principal-to-look-for"));
        }
        expectVerified();
    }

    @Test
    void checksItsOwnLogWhileItIsOpenWhereverThatLies() {
        try (Journal journal = open()) {
            List<Receipt> receipts = Journals.fill(journal, 600);
            journal.append(Facts.act("carol", "req_big", 200_000));
            journal.checkpointNow();

            assertThat(journal.verify(2))
                    .isInstanceOfSatisfying(
                            Verification.Holds.class,
                            holds ->
                                    assertThat(holds.size())
                                            .isGreaterThan(receipts.getLast().index()));
        }
    }

    @Test
    void findsWhatWasJustRecorded() {
        try (Journal journal = open()) {
            Journals.fill(journal, 100);
            journal.append(Facts.act("carol", "req_special", 10));
            assertThat(journal.search(JournalQuery.request("req_special")))
                    .extracting(JournalEntry::index)
                    .containsExactly(100L);
            assertThat(journal.search(JournalQuery.newest(3)))
                    .extracting(JournalEntry::index)
                    .containsExactly(100L, 99L, 98L);
        }
    }

    @Test
    void refusesAfterClosingAndReadsOn() {
        Journal journal = open();
        journal.append(Facts.act(1));
        journal.close();
        assertThatThrownBy(() -> journal.append(Facts.act(2)))
                .isInstanceOf(AuditUnavailableException.class)
                .hasMessageContaining("closed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPublisherStoppedInAnyStepLosesNothingAndIsFinishedByTheNext(boolean persists) {
        Map<Long, Digest> acknowledged = new HashMap<>();
        try (Journal journal = open()) {
            acknowledged.putAll(leaves(Journals.fill(journal, 300)));
            journal.checkpointNow();
        }
        boolean broke = true;
        Sampled steps = rig.publishing();
        int step = steps.first() + 1;
        for (; broke; step += steps.stride()) {
            try (Journal journal = rig.openBreaking(home.resolve("member"), step, persists)) {
                acknowledged.putAll(leaves(Journals.fill(journal, 260)));
                journal.checkpointNow();
            } catch (JournalException e) {
                // Failed as it should, while it was opened or while it published.
            } catch (java.util.concurrent.CompletionException e) {
                assertThat(e).hasCauseInstanceOf(AuditUnavailableException.class);
            }
            broke = rig.broke();
            try (Journal journal = open()) {
                for (long index : List.of(0L, 299L, journal.size() - 1)) {
                    assertThat(journal.entry(index)).as("step %d", step).isPresent();
                }
            }
            assertThat(JournalVerifier.verify(rig.log(), Optional.empty()))
                    .as("step %d", step)
                    .isInstanceOf(Verification.Holds.class);
        }
        assertThat(step).isGreaterThan(8);
        expectIntact(acknowledged);
    }

    @Test
    void aKilledWriterLosesNothingItAcknowledged() throws Exception {
        Map<Long, String> acknowledged = new HashMap<>();
        for (int round = 0; round < 2; round++) {
            acknowledged.putAll(killedAfter(150 + 100 * round));
        }
        try (Journal journal = open()) {
            acknowledged.forEach((index, leaf) ->
                    assertThat(journal.entry(index).orElseThrow().leafHash().hex())
                            .as("entry " + index)
                            .isEqualTo(leaf));
        }
        assertThat(expectVerified().size()).isGreaterThanOrEqualTo(acknowledged.size());
    }

    private Map<Long, String> killedAfter(int receipts) throws IOException, InterruptedException {
        Map<Long, String> acknowledged = new HashMap<>();
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Xmx192m",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ContractWriter.class.getName(),
                                home.resolve("member").toString()));
        command.addAll(rig.arguments());
        Process process =
                new ProcessBuilder(command)
                        .redirectError(home.resolve("writer.err").toFile())
                        .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                String[] parts = line.split(" ");
                if (parts.length == 2 && parts[1].length() == 64) {
                    acknowledged.put(Long.parseLong(parts[0]), parts[1]);
                }
                if (acknowledged.size() == receipts) {
                    process.toHandle().destroyForcibly();
                }
            }
        }
        process.waitFor();
        assertThat(acknowledged.size())
                .as(java.nio.file.Files.readString(home.resolve("writer.err")))
                .isGreaterThanOrEqualTo(receipts);
        return acknowledged;
    }
}
