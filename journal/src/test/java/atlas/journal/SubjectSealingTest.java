package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditUnavailableException;
import atlas.core.crypto.Hashes;
import atlas.core.json.ReceiptStatement;
import atlas.tlog.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubjectSealingTest {
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-11-23T12:00:00Z"), ZoneOffset.UTC);

    @TempDir private Path home;

    @Test
    void entriesOfDifferentSubjectsNameDifferentKeysAndNobodyByName() throws IOException {
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.append(Facts.act("ada-lovelace", "req_1", 10));
            journal.append(Facts.act("bob-babbage", "req_2", 10));
            journal.append(Facts.act("ada-lovelace", "req_3", 10));
        }
        assertThat(envelope(0, 3).keyLabel()).startsWith("2026-11/1.");
        assertThat(envelope(1, 3).keyLabel()).startsWith("2026-11/2.");
        assertThat(envelope(2, 3).keyLabel()).isEqualTo(envelope(0, 3).keyLabel());
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(text).as(file.toString()).doesNotContain("lovelace", "babbage");
            }
        }
    }

    @Test
    void theKeyOfAnEntryIsOnTheDiskBeforeTheEntry() throws IOException {
        FaultyDisk[] disk = new FaultyDisk[1];
        try (Journal journal = Journals.open(home, CLOCK, real -> disk[0] = new FaultyDisk(real))) {
            journal.append(Facts.act("ada", "req_1", 10));
            disk[0].fail(FaultyDisk.Call.FORCE, 1, false);

            // The next key's force is the first of this batch; the entry is never written.
            assertThatThrownBy(() -> journal.append(Facts.act("bob", "req_2", 10)))
                    .isInstanceOf(AuditUnavailableException.class);
            assertThat(journal.health().state()).isEqualTo(JournalHealth.State.FAILED);
        }
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.size()).isEqualTo(1);
            assertThat(journal.entry(0).orElseThrow().json()).contains("ada");
        }
    }

    @Test
    void aJournalWhoseKeysAreMissingDoesNotStart() throws IOException {
        Journals.open(home, CLOCK).close();
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.append(Facts.act("ada", "req_1", 10));
        }
        Files.move(home.resolve("journal.keys"), home.resolve("aside"));

        assertThatThrownBy(() -> Journals.open(home, CLOCK))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("are missing; restore them");
        Files.createDirectory(home.resolve("journal.keys"));
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.entry(0).orElseThrow().kind()).isEqualTo(JournalEntry.LOST);
        }
    }

    @Test
    void aJournalStartsWithoutItsIndexWhereKeysAreLost() throws IOException {
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.append(Facts.act("ada", "req_1", 10));
        }
        byte[] older;
        try (Stream<Path> months = Files.list(home.resolve("journal.keys"))) {
            Path month =
                    months.filter(file -> file.getFileName().toString().startsWith("2"))
                            .findFirst()
                            .orElseThrow();
            older = Files.readAllBytes(month);
            try (Journal journal = Journals.open(home, CLOCK)) {
                journal.append(Facts.act("bob", "req_2", 10));
            }
            Files.write(month, older);
        }
        Files.delete(home.resolve("journal/index/tail"));

        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.search(JournalQuery.request("req_1"))).hasSize(1);
            assertThat(journal.search(JournalQuery.request("req_2"))).isEmpty();
            assertThat(journal.entry(1).orElseThrow().kind()).isEqualTo(JournalEntry.LOST);
            assertThat(journal.search(JournalQuery.newest(10)))
                    .extracting(JournalEntry::kind)
                    .containsExactly(JournalEntry.LOST, "admin.act");
            journal.append(Facts.act("carol", "req_3", 10)); // under the number bob's key had
        }
        Files.delete(home.resolve("journal/index/tail"));
        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.search(JournalQuery.request("req_3"))).hasSize(1);
        }
    }

    @Test
    void anInferenceCommitsToWhatItsReceiptWillSay() throws IOException {
        try (Journal journal = Journals.open(home, CLOCK)) {
            journal.append(Facts.intent("ada", "req_1", "what is the time"));
            journal.append(Facts.act("ada", "req_2", 10));
        }
        Envelope intent = envelope(0, 2);
        assertThat(intent.commitment()).hasSize(32);
        assertThat(envelope(1, 2).commitment()).isEmpty();
        // The commitment is salted: the statement alone, guessed right, does not give it.
        byte[] statement =
                ReceiptStatement.of(Facts.intent("ada", "req_1", "what is the time"), "p_")
                        .orElseThrow();
        assertThat(intent.commitment()).isNotEqualTo(Hashes.sha256(statement).bytes());
        String said = new String(statement, StandardCharsets.UTF_8);
        assertThat(said).contains("\"request_sha256\":");
        // In digests a short name can stand by chance.
        assertThat(said.replaceAll("[0-9a-f]{12,}", ""))
                .doesNotContain("ada", "what is the time", "192.0.2.1");
    }

    private Envelope envelope(int index, int width) throws IOException {
        Path bundle = home.resolve("journal/tile/entries/000.p/" + width);
        try {
            return Envelope.decode(Bundles.entries(Files.readAllBytes(bundle)).get(index));
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aJournalOfTheFirstVersionIsReadAndGoesOn() throws IOException, MalformedException {
        JournalKeys keys = Journals.keys(home);
        byte[] recordId = new byte[Envelope.ID_BYTES];
        Instant when = CLOCK.instant();
        Envelope bound =
                new Envelope(
                        recordId,
                        new byte[Envelope.ID_BYTES],
                        0,
                        new byte[32],
                        when,
                        Envelope.VAULT_KEY,
                        Envelope.NO_COMMITMENT,
                        0,
                        new byte[0],
                        false);
        byte[] json =
                "{\"kind\":\"admin.act\",\"request_id\":\"req_old\"}"
                        .getBytes(StandardCharsets.UTF_8);
        byte[] sealed = keys.entries().seal(json, bound.associatedData(Journals.ORIGIN));
        Envelope old =
                new Envelope(
                        recordId,
                        new byte[Envelope.ID_BYTES],
                        0,
                        new byte[32],
                        when,
                        Envelope.VAULT_KEY,
                        Envelope.NO_COMMITMENT,
                        sealed.length,
                        sealed,
                        false);
        assertThat(old.encode()[0]).isEqualTo((byte) 1);
        Bundles.begin(home, keys, List.of(old.encode()));

        try (Journal journal = Journals.open(home, CLOCK)) {
            assertThat(journal.entry(0).orElseThrow().json()).contains("req_old");
            journal.append(Facts.act("ada", "req_new", 10));
            assertThat(journal.entry(1).orElseThrow().json()).contains("req_new");
        }
        assertThat(JournalVerifier.verify(home.resolve("journal"), Optional.empty()))
                .isInstanceOf(Verification.Holds.class);
    }
}
