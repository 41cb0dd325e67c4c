package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.tlog.Cosigner;
import atlas.tlog.NoteVerifierKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecondSignatureTest {
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-11-27T00:00:00Z"), ZoneOffset.UTC);
    private static final String NOTE = "the checkpoint is signed with ML-DSA-44, too";

    @TempDir Path home;

    private Path log() {
        return home.resolve("journal");
    }

    private JournalKeys twice() {
        return Journals.keys(home).signingTwice(CLOCK);
    }

    private Journal open(JournalKeys keys) {
        return Journal.open(
                Journals.config(home),
                keys,
                CLOCK,
                new Opened.Tuning(disk -> disk, Journals.SEGMENT));
    }

    private Verification verify() {
        return JournalVerifier.verify(log(), Optional.of(Journals.keys(home).vkey()));
    }

    private void recordTwice(int entries) {
        try (Journal journal = open(twice())) {
            Journals.fill(journal, entries);
        }
    }

    @Test
    void everyCheckpointIsSignedTwiceAndBothKeysAreShown() throws Exception {
        recordTwice(300);
        String checkpoint = Files.readString(log().resolve("checkpoint"));
        assertThat(checkpoint.lines().filter(line -> line.startsWith("\u2014 "))).hasSize(2);
        String second = Files.readString(log().resolve("verifier-mldsa44.vkey"));
        assertThat(second).isEqualTo(twice().secondVkey().orElseThrow() + "\n");
        assertThat(NoteVerifierKey.parse(second.strip()).name()).isEqualTo(Journals.ORIGIN);
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Verification.Holds.class,
                        holds -> assertThat(holds.notes()).contains(NOTE));
    }

    @Test
    void oneSettingAsksForIt() throws Exception {
        asked(true).open(log(), Journals.keys(home), CLOCK).close();
        assertThat(((Verification.Holds) verify()).notes()).contains(NOTE);
    }

    @Test
    void theSecondLineIsDemandedWhileItsKeyIsThere() throws Exception {
        recordTwice(5);
        Path file = log().resolve("checkpoint");
        String checkpoint = Files.readString(file);
        int line = checkpoint.lastIndexOf("\u2014 ");
        Files.writeString(file, checkpoint.substring(0, line));
        expectBroken();
        int at = checkpoint.length() - 100;
        char other = checkpoint.charAt(at) == 'A' ? 'B' : 'A';
        Files.writeString(file, checkpoint.substring(0, at) + other + checkpoint.substring(at + 1));
        expectBroken();
    }

    private void expectBroken() {
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> assertThat(broken.where()).isEqualTo("checkpoint"));
    }

    @Test
    void whoKeepsTheSecondKeyNeedsNotBelieveTheFirst() throws Exception {
        recordTwice(300);
        String second = Files.readString(log().resolve("verifier-mldsa44.vkey")).strip();
        assertThat(JournalVerifier.verifyAnyLog(log(), second))
                .isInstanceOf(Verification.Holds.class);
        Path file = log().resolve("checkpoint");
        String checkpoint = Files.readString(file);
        Files.writeString(file, checkpoint.substring(0, checkpoint.lastIndexOf("\u2014 ")));
        Files.delete(log().resolve("verifier-mldsa44.vkey"));
        assertThat(JournalVerifier.verifyAnyLog(log(), second))
                .isInstanceOf(Verification.Broken.class);
    }

    @Test
    void aKeyOfAnotherLogIsNoSecondKey() throws Exception {
        recordTwice(5);
        Cosigner other = Cosigner.generate("other.example/log", Cosigner.Algorithm.ML_DSA_44);
        Path file = log().resolve("verifier-mldsa44.vkey");
        for (String text :
                List.of(
                        other.verifierKey() + "\n",
                        Journals.keys(home).vkey(),
                        Files.readString(file).strip(),
                        "")) {
            Files.writeString(file, text);
            assertThat(verify())
                    .as(text)
                    .isInstanceOfSatisfying(
                            Verification.Broken.class,
                            broken ->
                                    assertThat(broken.where()).isEqualTo("verifier-mldsa44.vkey"));
        }
    }

    @Test
    void keysWithoutAnMlDsaPartSaySo() {
        JournalKeys recording =
                JournalKeys.recording(Journals.keys(home).vkey(), MemorySealer.fixed());
        assertThatThrownBy(() -> recording.signingTwice(CLOCK))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("kept elsewhere");
    }

    @Test
    void itMayBeTurnedOnAndOffAgain() throws Exception {
        try (Journal journal = open(Journals.keys(home))) {
            Journals.fill(journal, 3);
        }
        assertThat(log().resolve("verifier-mldsa44.vkey")).doesNotExist();
        recordTwice(0);
        assertThat(((Verification.Holds) verify()).notes()).contains(NOTE);
        recordTwice(3);
        assertThat(((Verification.Holds) verify()).notes()).contains(NOTE);
        try (Journal journal = open(Journals.keys(home))) {
            Journals.fill(journal, 1);
        }
        assertThat(log().resolve("verifier-mldsa44.vkey")).doesNotExist();
        assertThat(((Verification.Holds) verify()).notes()).isEmpty();
    }

    private JournalSettings asked(boolean mlDsa) {
        JournalSettings usual = JournalSettings.defaults();
        return new JournalSettings(
                usual.mode(),
                usual.syncInterval(),
                usual.checkpointInterval(),
                usual.checkpointEvery(),
                usual.deadline(),
                0,
                usual.witnesses(),
                usual.retention(),
                usual.legalHold(),
                usual.exporters(),
                usual.shared(),
                mlDsa);
    }

    private void keep(boolean mlDsa, int entries) {
        try (Journal journal = asked(mlDsa).open(log(), Journals.keys(home), CLOCK)) {
            Journals.fill(journal, entries);
        }
    }

    /** Taking the key away and the second line with it is not enough: an entry demands both. */
    @Test
    void aLogBegunWithTwoSignaturesSaysSoItself() throws Exception {
        keep(true, 300);
        assertThat(((Verification.Holds) verify()).notes()).contains(NOTE);
        Path key = log().resolve("verifier-mldsa44.vkey");
        String text = Files.readString(key);
        Path file = log().resolve("checkpoint");
        String checkpoint = Files.readString(file);

        Files.delete(key);
        expectDemanded();
        Files.writeString(file, checkpoint.substring(0, checkpoint.lastIndexOf("\u2014 ")));
        expectDemanded();
        assertThat(IndependentVerifier.run(List.of(log().toString())).status()).isEqualTo(1);
        Cosigner other = Cosigner.generate(Journals.ORIGIN, Cosigner.Algorithm.ML_DSA_44);
        Files.writeString(key, other.verifierKey() + "\n");
        expectDemanded();
        assertThat(IndependentVerifier.run(List.of(log().toString())).status()).isEqualTo(1);

        Files.writeString(key, text);
        Files.writeString(file, checkpoint);
        assertThat(((Verification.Holds) verify()).notes()).contains(NOTE);
        assertThat(IndependentVerifier.run(List.of(log().toString())).status()).isZero();
    }

    private void expectDemanded() {
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> {
                            assertThat(broken.index()).isZero();
                            assertThat(broken.where()).isEqualTo("verifier-mldsa44.vkey");
                        });
    }

    @Test
    void whatIsDemandedCanBeTakenBackInTheLogAndAskedForAgain() throws Exception {
        keep(false, 3);
        keep(true, 3);
        keep(false, 3);
        assertThat(((Verification.Holds) verify()).notes()).isEmpty();
        keep(true, 3);
        assertThat(((Verification.Holds) verify()).notes()).contains(NOTE);
        try (Journal journal = open(twice())) {
            List<JournalEntry> said = journal.search(JournalQuery.ofKind("log.chartered", -1, 10));
            assertThat(said).extracting(JournalEntry::index).containsExactly(3L, 7L, 11L);
            assertThat(said.get(1).json()).contains("\"second_key\":\"\"");
        }
        Files.delete(log().resolve("verifier-mldsa44.vkey"));
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> assertThat(broken.index()).isEqualTo(11));
    }

    @Test
    void whoChecksCanDemandTheSecondKeyAndIsToldOfSignaturesNobodyAskedAbout() throws Exception {
        recordTwice(5);
        String second = twice().secondVkey().orElseThrow();
        Files.delete(log().resolve("verifier-mldsa44.vkey"));

        assertThat(((Verification.Holds) verify()).notes())
                .singleElement()
                .asString()
                .contains("another signature, not checked");
        assertThat(((Verification.Holds) verify(second)).notes()).containsExactly(NOTE);

        Path file = log().resolve("checkpoint");
        String checkpoint = Files.readString(file);
        Files.writeString(file, checkpoint.substring(0, checkpoint.lastIndexOf("\u2014 ")));
        assertThat(verify()).isInstanceOf(Verification.Holds.class);
        assertThat(verify(second)).isInstanceOf(Verification.Broken.class);
        assertThat(verify("no key")).isInstanceOf(Verification.Broken.class);
    }

    private Verification verify(String second) {
        return JournalVerifier.verify(
                log(),
                Optional.of(Journals.keys(home).vkey()),
                Optional.of(second),
                Optional.empty(),
                2);
    }

    @Test
    void whoKnowsEd25519OnlyIsNotDisturbed() throws Exception {
        recordTwice(70);
        IndependentVerifier.Outcome outcome =
                IndependentVerifier.run(
                        List.of("--key", Journals.keys(home).vkey(), log().toString()));
        assertThat(outcome.status()).isZero();
        assertThat(outcome.lines())
                .anyMatch(line -> line.contains("not checked (ML-DSA and witnesses)"));
        try (Journal journal = open(twice())) {
            String proof = journal.prove(7);
            assertThat(
                            ProofVerifier.verify(
                                    proof,
                                    Journals.keys(home).vkey(),
                                    journal.entry(7).orElseThrow().leafHash()))
                    .isInstanceOf(ProofVerification.Holds.class);
        }
    }
}
