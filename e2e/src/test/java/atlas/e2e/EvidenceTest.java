package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was answered is on record, and what was changed afterwards is found. */
class EvidenceTest {
    @TempDir Path temp;

    @Test
    void everyAnsweredRequestSurvivesAPulledPlug() throws Exception {
        Path home = temp.resolve("home");
        Queue<String> answered = new ConcurrentLinkedQueue<>();
        try (Running atlas = Running.up(home)) {
            String key = atlas.key("consumer");
            CountDownLatch enough = new CountDownLatch(40);
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                callers.add(Thread.startVirtualThread(() -> ask(atlas, key, answered, enough)));
            }
            enough.await();
            atlas.kill();
            for (Thread caller : callers) {
                caller.join();
            }
        }
        assertThat(answered).hasSizeGreaterThanOrEqualTo(40);

        Running.Said offline = Running.run(home, "--output", "json", "journal", "verify");
        assertThat(offline.status()).as(offline.out() + offline.err()).isZero();

        try (Running again = Running.up(home)) {
            Map<String, List<String>> kinds = kindsByRequest(again);
            for (String request : answered) {
                assertThat(kinds.get(request))
                        .as("entries of " + request)
                        .contains("inference.intent", "inference.outcome");
            }
            Running.Said verified = Running.run(home, "--output", "json", "journal", "verify");
            assertThat(verified.status()).as(verified.out() + verified.err()).isZero();
        }
    }

    private static void ask(
            Running atlas, String key, Queue<String> answered, CountDownLatch enough) {
        try {
            while (true) {
                HttpResponse<String> answer = atlas.chat(key, "What is zero trust?");
                if (answer.statusCode() != 200) {
                    return;
                }
                answered.add(answer.headers().firstValue("x-request-id").orElseThrow());
                enough.countDown();
            }
        } catch (Exception e) {
            // The plug was pulled: this answer never came, so nothing is claimed for it.
            return;
        }
    }

    private static Map<String, List<String>> kindsByRequest(Running atlas) throws Exception {
        Running.Said all = Running.run(atlas.home(), "--output", "json", "journal", "export");
        assertThat(all.status()).as(all.err()).isZero();
        Map<String, List<String>> kinds = new HashMap<>();
        for (String line : all.out().lines().toList()) {
            JsonNode entry = Running.JSON.readTree(line);
            kinds.computeIfAbsent(entry.at("/event/request_id").asText(), _ -> new ArrayList<>())
                    .add(entry.path("kind").asText());
        }
        return kinds;
    }

    @Test
    void aFlippedByteInTheJournalIsNamed() throws Exception {
        Path home = temp.resolve("home");
        try (Running atlas = Running.up(home)) {
            for (int i = 0; i < 5; i++) {
                assertThat(atlas.chat(atlas.key("consumer"), "Hello!").statusCode()).isEqualTo(200);
            }
        }
        Path entries = onlyBundle(home.resolve("journal/tile/entries"));
        flip(entries, Files.size(entries) / 2);

        Running.Said said = Running.run(home, "--output", "json", "journal", "verify");

        assertThat(said.status()).as(said.out() + said.err()).isEqualTo(1);
        assertThat(said.json().path("verdict").asText()).isEqualTo("broken");
        assertThat(said.json().path("index").asLong(-1)).isNotNegative();
    }

    @Test
    void aFlippedByteInAStoredModelIsRefusedAndRecorded() throws Exception {
        Path home = temp.resolve("home");
        try (Running atlas = Running.up(home)) {
            assertThat(atlas.chat(atlas.key("consumer"), "Hello!").statusCode()).isEqualTo(200);
        }
        Path weights = largest(home.resolve("models"));
        flip(weights, Files.size(weights) / 2);

        try (Running atlas = Running.up(home)) {
            HttpResponse<String> answer = atlas.chat(atlas.key("consumer"), "Hello!");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
            assertThat(Running.JSON.readTree(answer.body()).at("/error/code").asText())
                    .isEqualTo("unavailable");
            Running.Said recorded =
                    Running.run(
                            home,
                            "--output",
                            "json",
                            "journal",
                            "search",
                            "--kind",
                            "model.changed",
                            "refused");
            assertThat(recorded.status()).as(recorded.out() + recorded.err()).isZero();
        }
    }

    private static Path onlyBundle(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .max(java.util.Comparator.comparingLong(EvidenceTest::size))
                    .orElseThrow();
        }
    }

    private static Path largest(Path folder) throws IOException {
        return onlyBundle(folder);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void flip(Path file, long at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) at] ^= 1;
        Files.write(file, bytes);
    }
}
