package atlas.identity.saml;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.identity.SettableClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Genuine messages, changed at random: either refused, or accepted as exactly what was signed. Runs
 * for longer with {@code -Datlas.fuzz.rounds=N}; {@code -Datlas.fuzz.seed=N} repeats a run.
 */
class SamlFuzzTest {
    private static final int ROUNDS = Integer.getInteger("atlas.fuzz.rounds", 400);
    private static final long SEED = Long.getLong("atlas.fuzz.seed", System.nanoTime());
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private static final List<String> INSERTS =
            List.of(
                    "<!---->",
                    "<?x?>",
                    "<![CDATA[]]>",
                    "&amp;",
                    "&#0;",
                    "&#xD;",
                    "<saml:Assertion/>",
                    "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>",
                    " xmlns:saml=\"urn:x\"",
                    " ID=\"_assertion-1\"",
                    " xml:base=\"x\"",
                    "mallory",
                    "\n",
                    "\u0000",
                    "\uFFFE",
                    "\uD800");

    private final TestIdp idp = new TestIdp();
    private final Random random = new Random(SEED);

    @Test
    void nothingChangedIsEverBelieved() {
        Sealing sealing = Sealing.to(idp);
        List<String> genuine =
                List.of(
                        new Answer(idp).xml(),
                        new Answer(idp).signed(true, false).xml(),
                        new Answer(idp).signed(false, true).xml(),
                        new Answer(idp).encrypted(sealing));
        SettableClock clock = new SettableClock();
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String changed = changed(genuine.get(random.nextInt(genuine.size())));
            try (SamlServiceProvider provider = idp.serviceProvider(clock)) {
                long begun = System.nanoTime();
                SamlOutcome outcome =
                        provider.accept(
                                PostBinding.encoded(Corpus.utf8(changed)),
                                TestIdp.RELAY,
                                Optional.of(idp.cookie()));
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(LONGEST);
                refused += judge(outcome, round);
            }
        }
        assertThat(refused).as("seed %d", SEED).isGreaterThan(ROUNDS / 2);
    }

    private static int judge(SamlOutcome outcome, int round) {
        return switch (outcome) {
            case SamlOutcome.Refused no -> {
                assertThat(no.reason()).startsWith("saml_");
                yield 1;
            }
            case SamlOutcome.SignedIn yes -> {
                // A change outside of what is signed, or that canonicalization takes away.
                assertThat(yes.principal())
                        .as("seed %d round %d", SEED, round)
                        .isEqualTo("saml:" + TestIdp.ENTITY + "#alice");
                assertThat(yes.roles()).containsExactly(atlas.core.Role.CONSUMER);
                assertThat(yes.claims().groups()).containsExactlyInAnyOrder("red", "blue");
                assertThat(yes.subject().sessionIndex()).contains("session-1");
                yield 0;
            }
            case SamlOutcome.Unavailable down ->
                    throw new AssertionError("seed " + SEED + " round " + round + ": " + down);
        };
    }

    private String changed(String text) {
        String changed = text;
        for (int i = random.nextInt(3); i >= 0; i--) {
            changed = once(changed);
        }
        return changed;
    }

    private String once(String text) {
        int at = random.nextInt(text.length());
        int length = Math.min(text.length() - at, 1 + random.nextInt(40));
        return switch (random.nextInt(6)) {
            case 0 ->
                    text.substring(0, at)
                            + (char) (32 + random.nextInt(95))
                            + text.substring(at + 1);
            case 1 -> text.substring(0, at) + text.substring(at + length);
            case 2 -> text.substring(0, at) + pick() + text.substring(at);
            case 3 -> element(text);
            case 4 -> text.substring(0, at + length) + text.substring(at);
            default -> {
                int close = text.indexOf('>', at);
                yield close < 0
                        ? text
                        : text.substring(0, close + 1) + pick() + text.substring(close + 1);
            }
        };
    }

    private String pick() {
        return INSERTS.get(random.nextInt(INSERTS.size()));
    }

    /** Copies, moves or removes a piece between two tags. */
    private String element(String text) {
        int from = text.indexOf('<', random.nextInt(text.length()));
        int to = from < 0 ? -1 : text.indexOf('>', from + random.nextInt(400));
        if (to < 0) {
            return text;
        }
        String piece = text.substring(from, to + 1);
        String rest = text.substring(0, from) + text.substring(to + 1);
        int place = Math.max(0, rest.indexOf('<', random.nextInt(Math.max(1, rest.length()))));
        return switch (random.nextInt(3)) {
            case 0 -> rest;
            case 1 -> rest.substring(0, place) + piece + rest.substring(place);
            default -> text.substring(0, from) + piece + text.substring(from);
        };
    }

    @Test
    void anyTextIsAnsweredInTime() {
        try (SamlServiceProvider provider = idp.serviceProvider(new SettableClock())) {
            for (int round = 0; round < ROUNDS; round++) {
                byte[] noise = new byte[random.nextInt(2_000)];
                random.nextBytes(noise);
                assertThat(
                                provider.accept(
                                        PostBinding.encoded(noise),
                                        TestIdp.RELAY,
                                        Optional.of(idp.cookie())))
                        .as("seed %d", SEED)
                        .isInstanceOf(SamlOutcome.Refused.class);
                String query = changed(Logouts.query(idp, "idp", "SAMLRequest", Logouts.request()));
                // A changed letter of the case of an escape says the same, and is not the same.
                assertThat(provider.redirected(query))
                        .as("seed %d", SEED)
                        .satisfiesAnyOf(
                                o -> assertThat(o).isInstanceOf(SamlLogout.Refused.class),
                                o ->
                                        assertThat(((SamlLogout.Requested) o).subject().nameId())
                                                .isEqualTo("alice"));
            }
        }
    }
}
