package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * "Bring your own key": a customer's key in a real PKCS#11 token, under inference load from first
 * to last. Import, seal, rotate, file to token to file to token, revoke, heal; a request fails only
 * while the key is taken away, and then with 503.
 */
class CustomerKeyTest {
    private static final Path MODULE = Path.of("/usr/lib/softhsm/libsofthsm2.so");

    private static Path work;
    private static Running atlas;

    @BeforeAll
    static void start() throws Exception {
        Peers.need("softhsm2-util");
        Peers.need("pkcs11-tool");
        work = Files.createTempDirectory("atlas-byok");
        Files.createDirectories(work.resolve("tokens"));
        Files.writeString(
                work.resolve("softhsm2.conf"),
                "directories.tokendir = "
                        + work.resolve("tokens")
                        + "\nobjectstore.backend = file\nlog.level = ERROR\n");
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        Files.write(work.resolve("key.bin"), key);
        Files.writeString(work.resolve("pin"), "1234\n");
        hsm(
                "softhsm2-util",
                "--init-token",
                "--free",
                "--label",
                "atlas",
                "--pin",
                "1234",
                "--so-pin",
                "5678");
        importKey();
        Path config =
                Files.writeString(
                        work.resolve("atlas.yaml"),
                        "vault:\n  check-interval: 1s\n  cache: 5s\n  rotate-every: 30d\n");
        atlas =
                Running.with(
                        Map.of("SOFTHSM2_CONF", work.resolve("softhsm2.conf").toString()),
                        work.resolve("home"),
                        "--config",
                        config.toString());
    }

    @AfterAll
    static void stop() throws Exception {
        if (atlas != null) {
            atlas.close();
            KeycloakHome.delete(work);
        }
    }

    private static void importKey() throws Exception {
        hsm(
                "pkcs11-tool",
                "--module",
                MODULE.toString(),
                "--token-label",
                "atlas",
                "--login",
                "--pin",
                "1234",
                "--write-object",
                work.resolve("key.bin").toString(),
                "--type",
                "secrkey",
                "--key-type",
                "AES:32",
                "--label",
                "kek",
                "--sensitive");
    }

    private static void deleteKey() throws Exception {
        hsm(
                "pkcs11-tool",
                "--module",
                MODULE.toString(),
                "--token-label",
                "atlas",
                "--login",
                "--pin",
                "1234",
                "--delete-object",
                "--type",
                "secrkey",
                "--label",
                "kek");
    }

    private static void hsm(String... command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(new ArrayList<>(List.of(command))).redirectErrorStream(true);
        builder.environment().put("SOFTHSM2_CONF", work.resolve("softhsm2.conf").toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
    }

    private static String token() {
        return "pkcs11:token=atlas;object=kek?module-path="
                + MODULE
                + "&pin-source=file:"
                + work.resolve("pin");
    }

    /** One answer, and when it was asked for and given. */
    private record Answer(int status, String body, long asked, long given) {}

    private static void rekey(String to) throws Exception {
        Running.Said said = Running.run(atlas.home(), "vault", "rekey", "--to", to);
        assertThat(said.status()).as(said.out() + said.err()).isZero();
        JsonNode status = atlas.json(atlas.control("/api/v1/vault"), atlas.key("security_admin"));
        assertThat(status.path("kek").path("uri").asText()).isEqualTo(to);
        assertThat(status.path("kek").path("available").asBoolean()).isTrue();
    }

    private static void rotate(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("vault", "rotate"));
        arguments.addAll(List.of(more));
        Running.Said said = Running.run(atlas.home(), arguments.toArray(String[]::new));
        assertThat(said.status()).as(said.out() + said.err()).isZero();
    }

    /** Waits until an answer asked for from now on has this status; gives it. */
    private static Answer next(Queue<Answer> answers, int status) throws Exception {
        long from = System.nanoTime();
        long patience = from + TimeUnit.MINUTES.toNanos(2);
        while (System.nanoTime() < patience) {
            for (Answer answer : answers) {
                if (answer.asked() > from && answer.status() == status) {
                    return answer;
                }
            }
            HttpResponse<String> unused = atlas.get(atlas.gateway("/v1/models"), "");
            assertThat(unused.statusCode()).isEqualTo(401);
        }
        throw new AssertionError("no answer with " + status + " among " + answers.size());
    }

    @Test
    void aCustomersKeyIsMovedTurnedTakenAwayAndGivenBackUnderLoad() throws Exception {
        Queue<Answer> answers = new ConcurrentLinkedQueue<>();
        AtomicBoolean end = new AtomicBoolean();
        AtomicLong failures = new AtomicLong();
        String key = atlas.key("consumer");
        List<Thread> load = new ArrayList<>();
        for (int caller = 0; caller < 2; caller++) {
            load.add(Thread.ofPlatform().start(() -> ask(key, answers, failures, end)));
        }
        next(answers, 200);

        rekey(token());
        rotate();
        rotate("--purpose", "journal");
        rekey("file:keys/kek-2");
        rotate("--purpose", "store");
        rekey(token().replace("object=kek", "type=secret-key;object=kek"));
        long taken = System.nanoTime();
        List<Answer> before = List.copyOf(answers);
        deleteKey();
        Answer refused = next(answers, 503);
        assertThat(refused.body()).contains("unavailable");
        long closed = refused.asked();
        // From the first refusal on nothing is served while the key is away.
        next(answers, 503);
        long returned = System.nanoTime();
        List<Answer> away = List.copyOf(answers);
        importKey();
        Answer healed = next(answers, 200);
        end.set(true);
        for (Thread caller : load) {
            caller.join();
        }

        assertThat(failures).as("answers that were none").hasValue(0);
        assertThat(before).as("while keys were moved and turned").allMatch(a -> a.status() == 200);
        assertThat(away)
                .filteredOn(a -> a.asked() > closed && a.given() < returned)
                .isNotEmpty()
                .allMatch(a -> a.status() == 503);
        assertThat(answers)
                .filteredOn(a -> a.asked() > healed.given())
                .allMatch(a -> a.status() == 200);
        assertThat(Duration.ofNanos(closed - taken)).isLessThan(Duration.ofSeconds(60));
        verifyWhatRemains();
    }

    private static void ask(
            String key, Queue<Answer> answers, AtomicLong failures, AtomicBoolean end) {
        while (!end.get()) {
            long asked = System.nanoTime();
            try {
                HttpResponse<String> answer =
                        atlas.post(
                                atlas.gateway("/v1/chat/completions"),
                                key,
                                Map.of(
                                        "model", atlas.model(),
                                        "max_tokens", 4,
                                        "messages",
                                                List.of(
                                                        Map.of(
                                                                "role",
                                                                "user",
                                                                "content",
                                                                "What is a checkpoint?"))));
                answers.add(
                        new Answer(answer.statusCode(), answer.body(), asked, System.nanoTime()));
            } catch (Exception e) {
                failures.incrementAndGet();
            }
        }
    }

    private static void verifyWhatRemains() throws Exception {
        Running.Said journal = Running.run(atlas.home(), "journal", "verify");
        assertThat(journal.status()).as(journal.out() + journal.err()).isZero();
        Running.Said uses =
                Running.run(
                        atlas.home(),
                        "--output",
                        "json",
                        "journal",
                        "search",
                        "--kind",
                        "key.used");
        assertThat(uses.out()).contains("\"rekeyed\"").contains("\"returned\"");
        Running.Said status = Running.run(atlas.home(), "vault", "status");
        assertThat(status.out()).contains("held by a PKCS#11 token").doesNotContain("WITHHELD");
        postureSaysWhoHoldsTheKey();
    }

    private static void postureSaysWhoHoldsTheKey() throws Exception {
        JsonNode held = posture(0);
        assertThat(held.path("state").asText()).isEqualTo("proven");
        assertThat(held.path("evidence").findValuesAsText("what"))
                .contains("taken back, nothing opens any more", "given back, all opens again");

        rekey("file:keys/kek-3");
        assertThat(posture(1).path("state").asText()).isEqualTo("regressed");
        rekey(token());
    }

    private static JsonNode posture(int status) throws Exception {
        Running.Said said = Running.run(atlas.home(), "--output", "json", "posture");
        assertThat(said.status()).as(said.out() + said.err()).isEqualTo(status);
        for (JsonNode phase : said.json().path("phases")) {
            for (JsonNode task : phase.path("tasks")) {
                if (task.path("control").asText().equals("customer_keys")) {
                    return task;
                }
            }
        }
        throw new AssertionError(said.out());
    }
}
