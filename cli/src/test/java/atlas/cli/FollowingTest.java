package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Following the log from the command line, while the server comes and goes. */
class FollowingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir Path temp;
    private Installation installation;
    private int port;

    @BeforeEach
    void start() throws Exception {
        installation = up(0);
        port = installation.control().getPort();
    }

    @AfterEach
    void stop() {
        installation.close();
    }

    private Installation up(int controlPort) throws Exception {
        return Installation.start(
                temp.resolve("home"),
                new Settings(Optional.empty()),
                Optional.of(0),
                Optional.of(controlPort),
                Files.createDirectories(temp.resolve("no-models")),
                Clock.systemUTC(),
                _ -> {});
    }

    /** A command that goes on in a thread of its own. */
    private final class Follower implements AutoCloseable {
        private final StringWriter out = new StringWriter();
        private final StringWriter err = new StringWriter();
        private final CompletableFuture<Integer> status = new CompletableFuture<>();
        private final Thread thread;

        Follower(String... command) {
            thread = Thread.ofPlatform().daemon().start(() -> status.complete(run(command)));
        }

        private int run(String... command) {
            CommandLine line = Main.commandLine();
            line.setOut(new PrintWriter(out, true));
            line.setErr(new PrintWriter(err, true));
            return line.execute(arguments(command));
        }

        List<JsonNode> said() throws Exception {
            List<JsonNode> said = new ArrayList<>();
            String text = out.toString();
            for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                said.add(Remote.JSON.readTree(line));
            }
            return said;
        }

        List<Long> indices() throws Exception {
            return said().stream().map(entry -> entry.path("index").asLong()).toList();
        }

        int ended() throws Exception {
            return status.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            thread.interrupt();
        }

        @Override
        public String toString() {
            return out + "\n" + err;
        }
    }

    private String[] arguments(String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(
                List.of(
                        "--home",
                        temp.resolve("home").toString(),
                        "--output",
                        "json",
                        "--control",
                        "https://localhost:" + port));
        return all.toArray(String[]::new);
    }

    private long happens() throws Exception {
        Shell.Said said = Shell.run(arguments("journal", "tail", "-n", "1"));
        assertThat(said.status()).as(said.err()).isZero();
        return Remote.JSON.readTree(said.out()).path("index").asLong();
    }

    private static void await(Object what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("still not so: %s", what).isLessThan(end);
            LockSupport.parkNanos(50_000_000);
        }
    }

    @Test
    void tailGoesOnAfterTheServerWasAwayAndSkipsNothing() throws Exception {
        try (Follower patient = new Follower("journal", "tail", "-n", "3", "-f", "--retry", "600");
                Follower impatient = new Follower("journal", "tail", "-f", "--retry", "0")) {
            // What is printed first was read at once; what happens after that comes by the stream.
            await(patient, () -> !patient.said().isEmpty());
            await(impatient, () -> !impatient.said().isEmpty());
            long live = happens();
            await(patient, () -> patient.indices().contains(live));
            await(impatient, () -> impatient.indices().contains(live));
            installation.close();
            // A stream that ended is no stream that had no more.
            assertThat(impatient.ended()).as(impatient.toString()).isEqualTo(Main.UNKNOWN);
            assertThat(impatient.err.toString()).contains("cannot go on after entry ");

            installation = up(port);
            long after = happens();
            await(patient, () -> patient.indices().contains(after));
            List<Long> indices = patient.indices();
            for (int i = 1; i < indices.size(); i++) {
                assertThat(indices.get(i)).as(patient.toString()).isEqualTo(indices.get(i - 1) + 1);
            }
            assertThat(patient.status).isNotDone();
        }
    }

    @Test
    void alertsAreToldAsTheyAreRaised() throws Exception {
        JsonNode keys = Remote.JSON.readTree(temp.resolve("home/bootstrap.json").toFile());
        Path consumer =
                Files.writeString(
                        temp.resolve("consumer.key"),
                        keys.path(Role.CONSUMER.wireName()).path("key").asText());
        try (Follower follower = new Follower("alerts", "tail", "-f", "--retry", "600")) {
            await(
                    follower,
                    () -> {
                        Shell.Said said =
                                Shell.run(
                                        arguments(
                                                "key",
                                                "list",
                                                "--credential",
                                                consumer.toString()));
                        assertThat(said.status()).isEqualTo(Main.NO);
                        return !follower.said().isEmpty();
                    });
            JsonNode alert = follower.said().getFirst();
            assertThat(alert.path("rule").asText()).isEqualTo("denied_burst");
            assertThat(alert.path("id").asText()).isNotEmpty();
            Shell.Said listed = Shell.run(arguments("alerts", "tail", "-n", "5"));
            assertThat(listed.status()).as(listed.err()).isZero();
            assertThat(listed.out()).contains(alert.path("id").asText());
        }
    }

    @Test
    void anExportIsWhatTheJournalHasInTheWordsAskedFor() throws Exception {
        happens();
        Path file = temp.resolve("out.jsonl");
        Path cursor = temp.resolve("cursor");
        String[] export = {
            "journal", "export", "--to", "file:" + file, "--cursor", cursor.toString()
        };
        Shell.Said first = Shell.run(arguments(export));
        assertThat(first.status()).as(first.err()).isZero();
        int before = Files.readAllLines(file).size();
        assertThat(Files.readString(cursor).strip()).isEqualTo(String.valueOf(before));
        Shell.Said second = Shell.run(arguments(export));
        assertThat(second.status()).as(second.err()).isZero();
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSizeGreaterThan(before);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(Remote.JSON.readTree(lines.get(i)).path("index").asInt()).isEqualTo(i);
        }
        Shell.Said ocsf = Shell.run(arguments("journal", "export", "--format", "ocsf"));
        assertThat(ocsf.out().lines().toList())
                .hasSizeGreaterThanOrEqualTo(lines.size())
                .allMatch(line -> line.contains("\"version\":\"1.8.0\""));
        Shell.Said some =
                Shell.run(
                        arguments(
                                "journal",
                                "export",
                                "--format",
                                "cef",
                                "--from",
                                "1",
                                "--until",
                                "3"));
        assertThat(some.out().lines()).hasSize(2).allMatch(line -> line.startsWith("CEF:0|Atlas"));
        // Whoever reads all this is in it, and to what end.
        Shell.Said why = Shell.run(arguments("journal", "search", "--kind", "journal.read"));
        assertThat(why.out()).contains("purpose=export%20as%20ocsf");
    }

    @Test
    void aDestinationThatIsNoneIsAUsageErrorAndOneThatIsNotThereIsNotKnown() {
        for (String to : List.of("http://siem.example/", "syslog+tls://siem.example", "nowhere")) {
            assertThat(Shell.run(arguments("journal", "export", "--to", to)).status())
                    .as(to)
                    .isEqualTo(Main.USAGE);
        }
        Path missing = temp.resolve("no").resolve("such").resolve("folder").resolve("out");
        Shell.Said said = Shell.run(arguments("journal", "export", "--to", "file:" + missing));
        assertThat(said.status()).isEqualTo(Main.UNKNOWN);
        assertThat(said.err()).contains("--from 0");
    }
}
