package atlas.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes are killed while they make and restore backups, after a step that a seed chooses. What
 * is there then is the old or the new, whole. A few rounds in each build; {@code
 * backup/crash-campaign} runs many.
 */
class BackupCrashTest {
    private static final int ROUNDS = Integer.getInteger("atlas.crash.rounds", 4);
    private static final long SEED = Long.getLong("atlas.crash.seed", 20260301);
    private static final int STEPS = Crashing.FILES + 4;

    @TempDir Path temp;

    @Test
    void theOldOrTheNewIsThereWhole() throws Exception {
        BackupIdentity identity = BackupIdentity.generate();
        Path key = Files.writeString(temp.resolve("key"), identity.text().reveal());
        SplittableRandom random = new SplittableRandom(SEED);
        int killed = 0;
        List<String> report = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Path folder = Files.createDirectory(temp.resolve("round-" + round));
            boolean create = round % 2 == 0;
            int step = random.nextInt(STEPS);
            String what = "seed %d round %d: kill after step %d".formatted(SEED, round, step);
            killed +=
                    (create
                                    ? create(folder, key, identity, step, what)
                                    : restore(folder, key, identity, step, what))
                            ? 1
                            : 0;
            report.add(what + (create ? " of create" : " of restore") + ": held");
        }
        assertThat(killed).as("processes killed before their end").isPositive();
        Files.write(
                Path.of("target", "crash-campaign.txt"),
                List.of(ROUNDS + " rounds, " + killed + " killed before their end, all held"),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
        assertThat(report).hasSize(ROUNDS);
    }

    private boolean create(Path folder, Path key, BackupIdentity identity, int step, String what)
            throws Exception {
        Path file = folder.resolve("b");
        Crashing.create(file, identity, 1);
        boolean killed = run(step, "create", file, key, "2");
        assertThat(seed(file, identity)).as(what).isIn(1L, 2L);
        assertThat(names(folder)).as(what).isSubsetOf("b", ".b.new");
        for (String name : names(folder)) {
            assertThat(Files.readString(folder.resolve(name), StandardCharsets.ISO_8859_1))
                    .as("%s: `%s`", what, name)
                    .doesNotContain(Crashing.CANARY);
        }
        assertThat(names(temp.resolve("tmp"))).as(what).isEmpty();
        Crashing.create(file, identity, 3);
        assertThat(seed(file, identity)).as(what).isEqualTo(3);
        assertThat(names(folder)).as(what).containsExactly("b");
        return killed;
    }

    private static long seed(Path file, BackupIdentity identity) throws IOException {
        BackupReading reading =
                new BackupReader(file, Optional.empty()).read(List.of(identity), (_, _, _) -> {});
        assertThat(reading).isInstanceOf(BackupReading.Holds.class);
        BackupReading.Holds holds = (BackupReading.Holds) reading;
        return holds.label().created().getEpochSecond() - Backups.CREATED.getEpochSecond();
    }

    private boolean restore(Path folder, Path key, BackupIdentity identity, int step, String what)
            throws Exception {
        Path file = temp.resolve("restored-from");
        Crashing.create(file, identity, 5);
        Path home = folder.resolve("home");
        boolean killed = run(step, "restore", file, key, home.toString());
        if (Files.exists(home)) {
            whole(home, what);
        } else {
            assertThat(names(folder)).as(what).allMatch(n -> n.startsWith(".home.restoring-"));
            try (RestoredHome restored = RestoredHome.stage(home)) {
                new BackupReader(file, Optional.empty()).read(List.of(identity), restored);
                restored.settle();
            }
            whole(home, what);
        }
        assertThat(names(folder)).as(what).containsExactly("home");
        assertThat(names(temp.resolve("tmp"))).as(what).isEmpty();
        return killed;
    }

    private static void whole(Path home, String what) throws IOException {
        for (int i = 0; i < Crashing.FILES; i++) {
            assertThat(home.resolve("d" + i % 3 + "/f" + i))
                    .as(what)
                    .hasBinaryContent(Crashing.content(5, i));
        }
    }

    /** Runs it until it said so many steps; whether it was killed then. */
    private boolean run(int step, String how, Path file, Path key, String last) throws Exception {
        Path tmp = Files.createDirectories(temp.resolve("tmp"));
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-XX:-UsePerfData",
                                "-Djava.io.tmpdir=" + tmp,
                                "-cp",
                                System.getProperty("java.class.path"),
                                Crashing.class.getName(),
                                how,
                                file.toString(),
                                key.toString(),
                                last)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        boolean killed = false;
        try (BufferedReader said =
                new BufferedReader(
                        new InputStreamReader(
                                process.getInputStream(), StandardCharsets.US_ASCII))) {
            int steps = 0;
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                if (line.equals("end")) {
                    break;
                }
                if (steps++ == step) {
                    process.destroyForcibly();
                    killed = true;
                    break;
                }
            }
        }
        int status = process.waitFor();
        if (!killed) {
            assertThat(status).isZero();
        }
        return killed;
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> there = Files.list(folder)) {
            return there.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
