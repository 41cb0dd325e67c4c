package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.journal.verify.BrokenException;
import atlas.journal.verify.DirectoryVerifier;
import atlas.journal.verify.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tools/verify_journal.py} on journals of Atlas, and both verifiers on logs of others. */
class IndependentVerifierTest {
    private static final String TESSERA =
            "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
    private static final String SUNLIGHT =
            "mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O";

    @TempDir Path home;

    private static Path resource(String name) throws Exception {
        return Path.of(
                Objects.requireNonNull(IndependentVerifierTest.class.getResource("/tlog/" + name))
                        .toURI());
    }

    private List<String> verify(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.add(0, Journals.keys(home).vkey());
        arguments.add(0, "--key");
        arguments.add(home.resolve("journal").toString());
        IndependentVerifier.Outcome outcome = IndependentVerifier.run(arguments);
        List<String> said = new ArrayList<>(outcome.lines());
        said.add(0, Integer.toString(outcome.status()));
        return said;
    }

    @Test
    void aJournalHoldsWhileOpenAndAfterClosing() throws Exception {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 600);
            journal.append(Facts.act("alice", "req_blob", 61_000));
            journal.checkpointNow();
            Journals.fill(journal, 30);
            assertThat(verify())
                    .startsWith("0")
                    .contains("note: 30 entries wait for the next checkpoint");
        }
        assertThat(verify())
                .hasSize(3)
                .startsWith("0")
                .element(1)
                .asString()
                .startsWith("holds: 631 entries of log.example/test, root ");
    }

    @Test
    void aCheckpointFromElsewhereIsHeldAgainstTheLog() throws Exception {
        Path early = home.resolve("early");
        Path strange = home.resolve("strange");
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 100);
            Files.writeString(early, journal.checkpointNow().note());
            Journals.fill(journal, 200);
            Files.writeString(strange, journal.checkpointNow().note());
            Journals.fill(journal, 10);
        }
        assertThat(verify("--checkpoint", early.toString())).startsWith("0");

        Path fork = home.resolve("fork");
        Files.createDirectories(fork);
        Files.copy(home.resolve("journal.key"), fork.resolve("journal.key"));
        try (Journal journal = Journals.open(fork, Clock.systemUTC())) {
            Journals.fill(journal, 300);
            Files.writeString(strange, journal.checkpointNow().note());
        }
        assertThat(verify("--checkpoint", strange.toString()))
                .containsExactly(
                        "1", "broken: another tree of 300 entries was signed (" + strange + ")");
    }

    @Test
    void itsOwnVectorsHold() throws Exception {
        IndependentVerifier.Outcome outcome =
                IndependentVerifier.run("test_verify_journal.py", List.of());
        assertThat(outcome.status()).as(String.join("\n", outcome.lines())).isZero();
        assertThat(outcome.lines()).contains("OK");
    }

    @Test
    void whatIsNotThereCannotBeTold() throws Exception {
        assertThat(verify().getFirst()).isEqualTo("3");
    }

    @Test
    void bothReadALogThatTesseraWrote() throws Exception {
        Path tessera = resource("tessera");
        assertThat(DirectoryVerifier.anyLog(Place.folder(tessera), TESSERA).checkpoint().size())
                .isEqualTo(10);
        IndependentVerifier.Outcome outcome =
                IndependentVerifier.run(List.of("--any-log", "--key", TESSERA, tessera.toString()));
        assertThat(outcome.status()).isZero();
        assertThat(outcome.lines().getFirst())
                .startsWith("holds: 10 entries of example.com/log/testdata");
    }

    @Test
    void bothReadATreeThatAWitnessOfSunlightSigned() throws Exception {
        Path sunlight = resource("sunlight");
        DirectoryVerifier.Outcome ours = DirectoryVerifier.anyLog(Place.folder(sunlight), SUNLIGHT);
        assertThat(ours.checkpoint().size()).isEqualTo(300);
        assertThat(ours.notes()).anyMatch(note -> note.startsWith("no entries are here"));
        IndependentVerifier.Outcome theirs =
                IndependentVerifier.run(
                        List.of("--any-log", "--key", SUNLIGHT, sunlight.toString()));
        assertThat(theirs.status()).isZero();
        assertThat(theirs.lines().getFirst()).contains(ours.checkpoint().root().hex());
    }

    @Test
    void bothFindEveryFlippedHashOfAForeignTree() throws Exception {
        Path sunlight = resource("sunlight");
        List<String> arguments = new ArrayList<>(List.of("--any-log", "--key", SUNLIGHT));
        List<Path> copies = new ArrayList<>();
        for (String file : List.of("tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1")) {
            byte[] content = Files.readAllBytes(sunlight.resolve(file));
            for (int at = 5; at < content.length; at += Math.max(32, content.length / 9)) {
                Path copy = home.resolve("copy" + copies.size());
                copy(sunlight, copy);
                content[at] ^= 4;
                Files.write(copy.resolve(file), content);
                content[at] ^= 4;
                copies.add(copy);
                arguments.add(copy.toString());
                assertThat(holds(copy)).as(file + " byte " + at).isFalse();
            }
        }
        IndependentVerifier.Outcome outcome = IndependentVerifier.run(arguments);
        assertThat(copies)
                .hasSizeGreaterThan(15)
                .allMatch(copy -> !outcome.of(copy).where().isEmpty());
    }

    private static boolean holds(Path copy) throws IOException {
        try {
            DirectoryVerifier.anyLog(Place.folder(copy), SUNLIGHT);
            return true;
        } catch (BrokenException e) {
            return false;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
