package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A control plane and three witnesses, four processes over four homes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(900)
class WitnessesTest {
    private static final int THREE = 3;

    private final List<Serving> witnesses = new ArrayList<>();
    private Path temp;
    private Path home;
    private Path old;
    private Path config;
    private String vkey = "";

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        temp = folder;
        home = temp.resolve("control");
        old = temp.resolve("old");
        Path alone =
                Files.writeString(
                        temp.resolve("alone.yaml"),
                        "control:\n  listen-port: 0\n  internal-port: 0\n");
        Serving.start(home, "control", "", "-c", alone.toString()).close();
        copy(home, old);
        vkey = Files.readString(home.resolve("journal/verifier.vkey")).strip();
        for (int i = 1; i <= THREE; i++) {
            witnesses.add(witness(i, 0));
        }
        config = Files.writeString(temp.resolve("control.yaml"), configuration());
    }

    private Serving witness(int number, int port) throws Exception {
        Path file =
                Files.writeString(
                        temp.resolve("w" + number + ".yaml"),
                        """
                        witness:
                          name: witness.example/w%d
                          listen-port: %d
                          logs:
                            - %s
                        """
                                .formatted(number, port, vkey));
        return Serving.start(temp.resolve("w" + number), "witness", "", "-c", file.toString());
    }

    private String configuration() throws IOException {
        StringBuilder policy = new StringBuilder("log " + vkey + "\n");
        StringBuilder pem = new StringBuilder();
        for (int i = 0; i < THREE; i++) {
            Serving witness = witnesses.get(i);
            String key = Files.readAllLines(witness.home().resolve("witness.vkey")).get(i % 2);
            policy.append(
                    "witness W" + (i + 1) + " " + key + " " + witness.at("witness", "/") + "\n");
            pem.append(Files.readString(witness.ca()));
        }
        policy.append("group G 2 W1 W2 W3\nquorum G\n");
        Files.writeString(temp.resolve("witnesses.policy"), policy);
        Files.writeString(temp.resolve("witnesses.pem"), pem);
        return """
        control:
          listen-port: 0
          internal-port: 0
        journal:
          witnesses:
            policy: witnesses.policy
            ca: witnesses.pem
            timeout: 20s
            max-unwitnessed: 10s
            when-unwitnessed: refuse
        """;
    }

    @AfterAll
    void stop() {
        witnesses.forEach(Serving::close);
    }

    private Serving control(Path where) throws Exception {
        return Serving.start(where, "control", "", "-c", config.toString());
    }

    /** Asks until it is as it should be; says what was seen when it never is. */
    private JsonNode until(String what, Ask ask, Seen seen) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(180).toNanos();
        while (true) {
            JsonNode status = ask.now();
            if (seen.holds(status)) {
                return status;
            }
            assertThat(System.nanoTime() < end).as("%s; seen %s", what, status).isTrue();
            LockSupport.parkNanos(200_000_000);
        }
    }

    private interface Ask {
        JsonNode now() throws Exception;
    }

    private interface Seen {
        boolean holds(JsonNode status);
    }

    private JsonNode witnessesOf(Path where) throws Exception {
        return Running.run(where, "--output", "json", "journal", "witnesses").json();
    }

    @Test
    @Order(1)
    void aQuorumIsEnoughThoughOneWitnessHangsAndAnAuditorChecksIt() throws Exception {
        try (Serving control = control(home)) {
            until("a quorum", () -> witnessesOf(home), s -> s.path("quorum").asBoolean());
            witnesses.get(2).stall();
            JsonNode seen =
                    until(
                            "a quorum of two",
                            () -> witnessesOf(home),
                            s ->
                                    s.path("quorum").asBoolean()
                                            && s.path("unwitnessed").asLong() < 3);
            assertThat(seen.path("witnesses")).hasSize(THREE);
            witnesses.get(2).goOn();
            Running.Said shown =
                    Running.run(home, "--output", "json", "journal", "checkpoint", "--witnessed");
            assertThat(shown.status()).as(shown.err()).isZero();
            assertThat(shown.json().path("note").asText()).contains("witness.example/w");
            assertThat(read(control).statusCode()).isEqualTo(200);
        }
        Running.Said verified = verify();
        assertThat(verified.status()).as(verified.out() + verified.err()).isZero();
        assertThat(verified.json().path("notes").toString()).contains("are witnessed by");
        String note = Files.readString(home.resolve("journal/witnessed"));
        Files.writeString(
                home.resolve("journal/witnessed"),
                note.substring(0, note.indexOf("\n\n") + 2)
                        + note.lines()
                                .filter(l -> l.startsWith("\u2014 " + origin()))
                                .findFirst()
                                .orElseThrow()
                        + "\n");
        assertThat(verify().status()).isEqualTo(1);
        Files.writeString(home.resolve("journal/witnessed"), note);
    }

    private String origin() {
        return vkey.substring(0, vkey.indexOf('+'));
    }

    private Running.Said verify() throws Exception {
        return Running.run(
                temp.resolve("auditor"),
                "--output",
                "json",
                "journal",
                "verify",
                "--dir",
                home.resolve("journal").toString(),
                "--public-key",
                vkey,
                "--policy",
                temp.resolve("witnesses.policy").toString());
    }

    @Test
    @Order(2)
    void withoutAQuorumNothingIsServedUntilThereIsOneAgain() throws Exception {
        try (Serving control = control(home)) {
            until("a quorum", () -> witnessesOf(home), s -> s.path("quorum").asBoolean());
            int port = witnesses.get(0).port("witness");
            witnesses.get(0).kill();
            witnesses.get(1).kill();

            // Reading the journal is itself recorded, so it makes entries that nobody witnesses.
            HttpResponse<String> refused = read(control);
            long end = System.nanoTime() + Duration.ofSeconds(240).toNanos();
            while (refused.statusCode() == 200) {
                assertThat(System.nanoTime() < end).as("still served").isTrue();
                LockSupport.parkNanos(200_000_000);
                refused = read(control);
            }
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            JsonNode alone = witnessesOf(home);
            assertThat(alone.path("quorum").asBoolean()).isFalse();

            witnesses.set(0, witness(1, port));
            until("a quorum again", () -> witnessesOf(home), s -> s.path("quorum").asBoolean());
            HttpResponse<String> again = read(control);
            assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
            Running.Said alerts = Running.run(home, "--output", "json", "alerts", "list");
            assertThat(alerts.out()).contains("witness.limit-exceeded");
        } finally {
            witnesses.set(1, witness(2, witnesses.get(1).port("witness")));
        }
    }

    @Test
    @Order(3)
    void anOldCopyOfTheHomeDoesNotStartAndNeitherDoesAForkedOne() throws Exception {
        Path forked = temp.resolve("forked");
        copy(old, forked);

        assertThatThrownBy(() -> control(old))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("refusing to start")
                .hasMessageContaining("was rolled back");
        try (Serving alone =
                Serving.start(forked, "control", "", "-c", temp.resolve("alone.yaml").toString())) {
            // As long as the original at least, so that only its content tells.
            long size = size(home);
            long end = System.nanoTime() + Duration.ofSeconds(180).toNanos();
            while (size(forked) <= size) {
                assertThat(read(alone).statusCode()).isEqualTo(200);
                assertThat(System.nanoTime() < end).as("%s entries", size(forked)).isTrue();
            }
        }
        assertThatThrownBy(() -> control(forked))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("was forked");
        try (Serving control = control(home)) {
            until("a quorum", () -> witnessesOf(home), s -> s.path("quorum").asBoolean());
            assertThat(read(control).statusCode()).isEqualTo(200);
        }
    }

    private static long size(Path where) throws IOException {
        return Long.parseLong(Files.readAllLines(where.resolve("journal/checkpoint")).get(1));
    }

    private static HttpResponse<String> read(Serving control) throws Exception {
        JsonNode keys = Running.JSON.readTree(control.home().resolve("bootstrap.json").toFile());
        return Running.client(control.ca())
                .send(
                        Running.request(
                                        control.at("control", "/api/v1/journal/entries?limit=1"),
                                        keys.path("auditor").path("key").asText())
                                .GET()
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
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
