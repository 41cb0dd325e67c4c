package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.AccessRefused;
import atlas.gateway.openai.Operation;
import atlas.identity.Authentication;
import atlas.identity.Authentication.NonceNeeded;
import atlas.identity.Authentication.Rejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The other half of identity's attack corpora. There each file is refused by the real authenticator
 * for the reason it names; here that refusal, for each file, is on record with its reason, and what
 * the attacker reads is what every stranger reads, or that a request has one credential.
 */
class RefusedAttacksTest {
    private static final Path CORPORA = Path.of("../identity/src/test/resources/identity/attacks");
    private static final Pattern REASON =
            Pattern.compile("(?m)^refused (\\S+)$|\"reason\"\\s*:\\s*\"([^\"]+)\"");
    private static final Pattern CHALLENGED = Pattern.compile("(?m)^challenged\\b");

    /** Attacks on the gateway's credentials; those on signing in go through the control plane. */
    private static List<Path> attacks() throws IOException {
        try (Stream<Path> all =
                Stream.of("keys", "token", "oidc")
                        .flatMap(corpus -> files(CORPORA.resolve(corpus)))) {
            return all.sorted().toList();
        }
    }

    private static Stream<Path> files(Path corpus) {
        try (Stream<Path> all = Files.list(corpus)) {
            return all.toList().stream();
        } catch (IOException e) {
            throw new AssertionError("no corpus at " + corpus, e);
        }
    }

    @Test
    void theCorporaAreThere() throws IOException {
        assertThat(attacks()).hasSizeGreaterThan(180);
    }

    @TestFactory
    Stream<DynamicTest> recordsEach() throws IOException {
        return attacks().stream()
                .map(file ->
                        DynamicTest.dynamicTest(
                                CORPORA.relativize(file).toString(), () -> record(file)));
    }

    private static void record(Path file) throws IOException {
        Authentication refusal = refusal(Files.readString(file));
        World attacked = new World();
        attacked.identity = _ -> refusal;
        World strange = new World();
        strange.identity = _ -> new Rejected("no_credential", "");

        FakeExchange attack = attacked.handle(World.ask("x", Operation.CHAT.path(), "{}"));
        FakeExchange stranger = strange.handle(World.ask("x", Operation.CHAT.path(), "{}"));

        if (reason(refusal).equals("two_credentials")) {
            // Two readings of one request are told apart from a stranger, whatever each is worth.
            assertThat(attack.status).isEqualTo(400);
        } else {
            assertThat(attack.status).isEqualTo(401);
            assertThat(body(attack)).isEqualTo(body(stranger));
        }
        assertThat(attacked.sent).isEmpty();
        assertThat(attacked.journal.of(AccessRefused.class))
                .singleElement()
                .satisfies(fact -> assertThat(fact.reason()).isEqualTo(reason(refusal)));
    }

    private static Authentication refusal(String attack) {
        if (CHALLENGED.matcher(attack).find()) {
            return new NonceNeeded("nonce", "bound token");
        }
        Matcher named = REASON.matcher(attack);
        assertThat(named.find()).as(attack).isTrue();
        String reason = named.group(1) == null ? named.group(2) : named.group(1);
        return new Rejected(reason, "hint");
    }

    private static String reason(Authentication refusal) {
        return refusal instanceof Rejected no ? no.reason() : NonceNeeded.REASON;
    }

    private static String body(FakeExchange exchange) {
        return exchange.text().replaceAll("req_test[0-9]+", "ID");
    }
}
