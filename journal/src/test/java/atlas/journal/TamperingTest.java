package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.journal.store.KeptCheckpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tampering matrix: each change to each kind of file is found by both verifiers, which name
 * what was changed. They share no code; one is Python.
 */
class TamperingTest {
    @TempDir Path temp;

    private final long seed = new SecureRandom().nextLong();
    private Tampering tampering = new Tampering(Path.of(""), Path.of(""), 0);
    private Path log = Path.of("");

    private static Journal open(Path home) {
        return Journal.open(
                Journals.config(home),
                Journals.keys(home),
                Clock.systemUTC(),
                new Opened.Tuning(
                        disk -> disk,
                        4 << 20,
                        new KeptCheckpoints.Spacing(150, Duration.ofHours(1))));
    }

    private static void record(Path home, int... steps) {
        try (Journal journal = open(home)) {
            for (int step : steps) {
                Journals.fill(journal, step);
                journal.checkpointNow();
            }
        }
    }

    @BeforeEach
    void aHome() throws IOException {
        Files.createDirectories(temp.resolve("home"));
        log = temp.resolve("home/journal");
        tampering = new Tampering(log, temp.resolve("copies"), seed);
    }

    @Test
    void everyChangeOfAnyFileIsFoundAndNamed() throws Exception {
        record(temp.resolve("home"), 200, 56, 44, 212, 60, 28);
        List<String> files = files();
        assertThat(files)
                .contains("tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2", "checkpoints/000")
                .contains("tile/entries/001", "tile/entries/002.p/60", "tile/entries/002.p/88");
        for (String file : files) {
            tampering.bytes(file, 6);
        }
        // What earlier checkpoints needed may go, and goes in time.
        files.stream().filter(file -> !superseded(file)).forEach(tampering::delete);
        for (String bundle : List.of("tile/entries/001", "tile/entries/002.p/88")) {
            tampering.entries(bundle, bundle.contains("001") ? 256 : 512);
        }
        for (String tile : List.of("tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2")) {
            tampering.hashes(tile);
        }
        tampering.exchange("tile/entries/000", "tile/entries/001");
        tampering.exchange("tile/0/001", "tile/0/000");
        tampering.exchange("tile/entries/002.p/88", "tile/entries/002.p/60");
        expectAllFound(150);
    }

    private static boolean superseded(String file) {
        return file.contains(".p/") && !file.endsWith(".p/88") && !file.endsWith("/1/000.p/2");
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(log)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> log.relativize(file).toString())
                    .filter(name -> name.matches("tile/.*|checkpoint|checkpoints/.*|verifier.vkey"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everyOtherHistoryIsFoundAndNamed() throws Exception {
        Path home = temp.resolve("home");
        record(home, 200, 100);
        Path earlier = temp.resolve("earlier");
        copy(home, earlier);
        Path fork = temp.resolve("fork");
        copy(home, fork);
        record(home, 150, 150);
        record(fork, 150, 150);
        Path stranger = temp.resolve("stranger");
        Files.createDirectories(stranger);
        record(stranger, 200, 100, 150, 150);

        Path old = earlier.resolve("journal");
        Path forked = fork.resolve("journal");
        Path other = stranger.resolve("journal");
        tampering.take("roll back the checkpoint", old, "checkpoints/000", "checkpoint");
        tampering.take(
                "roll back checkpoint and series",
                old,
                "../journal.signed",
                "checkpoint",
                "checkpoints/000",
                "closed");
        tampering.take("roll back the series", old, "checkpoints/000", "checkpoints/000");
        tampering.whole("roll back everything", old, "../journal.signed");
        tampering.take("a fork's checkpoint", forked, "checkpoint", "checkpoint");
        tampering.take(
                "a fork's checkpoint and series",
                forked,
                "checkpoint",
                "checkpoint",
                "checkpoints/000");
        tampering.take("a fork's bundle", forked, "tile/entries/001", "tile/entries/001");
        tampering.take("a fork's tile", forked, "tile/0/001", "tile/0/001");
        tampering.take("a fork's upper tile", forked, "tile/1/000.p/2", "tile/1/000.p/2");
        tampering.whole("a whole fork", forked, "../journal.signed");
        tampering.whole("sign everything with another key", other, "verifier.vkey");
        tampering.take("another key's checkpoint", other, "checkpoint", "checkpoint");
        tampering.take("another key", other, "verifier.vkey", "verifier.vkey");
        tampering.take("another key's series", other, "checkpoints/000", "checkpoints/000");
        for (Tampering.Case made : tampering.cases()) {
            Files.copy(
                    home.resolve("journal.signed"), made.copy().resolveSibling("journal.signed"));
        }
        expectAllFound(14);
    }

    @Test
    void changesHighUpInATallTreeAreFoundAndNamed() throws Exception {
        Path home = temp.resolve("home");
        record(home, 70_001);
        tampering.bytes("tile/2/000.p/1", 1);
        tampering.delete("tile/2/000.p/1");
        tampering.hashes("tile/1/000");
        tampering.exchange("tile/0/100", "tile/0/101");
        tampering.exchange("tile/entries/200", "tile/entries/201");
        assertThat(IndependentVerifier.run(List.of(log.toString())).lines().getFirst())
                .startsWith("holds: 70001 entries of log.example/test")
                .endsWith(" 277 tiles");
        expectAllFound(11);
    }

    private void expectAllFound(int atLeast) throws Exception {
        String vkey = Journals.keys(temp.resolve("home")).vkey();
        List<Tampering.Case> cases = tampering.cases();
        assertThat(cases).hasSizeGreaterThanOrEqualTo(atLeast);
        assertThat(JournalVerifier.verify(log, Optional.of(vkey)))
                .isInstanceOf(Verification.Holds.class);
        List<String> arguments = new ArrayList<>(List.of("--key", vkey, log.toString()));
        cases.forEach(made -> arguments.add(made.copy().toString()));
        IndependentVerifier.Outcome said = IndependentVerifier.run(arguments);
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.of(log).holds()).as(said.of(log).line()).isTrue();
        List<String> survivors = new ArrayList<>();
        for (Tampering.Case made : cases) {
            Verification ours = JournalVerifier.verify(made.copy(), Optional.of(vkey));
            IndependentVerifier.Said theirs = said.of(made.copy());
            if (!named(made, ours) || !named(made, theirs)) {
                survivors.add(made.name() + ": " + ours + "; independent: " + theirs.line());
            }
        }
        assertThat(survivors).as("seed %s, %s cases", seed, cases.size()).isEmpty();
    }

    private static boolean named(Tampering.Case made, Verification verification) {
        return switch (verification) {
            case Verification.Holds _ -> false;
            case Verification.Broken broken ->
                    sameFile(made.where(), broken.where())
                            && (made.entry().isEmpty()
                                    || made.entry().getAsLong() == broken.index());
            case Verification.Unreadable unreadable ->
                    made.where().equals("checkpoint") && unreadable.why().contains("checkpoint");
        };
    }

    private static boolean named(Tampering.Case made, IndependentVerifier.Said said) {
        return said.line().startsWith("unreadable: ")
                ? made.where().equals("checkpoint") && said.line().contains("checkpoint")
                : sameFile(made.where(), said.where())
                        && (made.entry().isEmpty() || made.entry().equals(said.entry()));
    }

    /** A missing file is named without its width. */
    private static boolean sameFile(String expected, String named) {
        return expected.equals(named) || expected.replaceAll("\\.p/.*", "").equals(named);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
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
