package atlas.guard.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScrubberTest {
    private static final String KEY =
            "-----BEGIN RSA PRIVATE KEY-----\n"
                    + "MIIEpAIBAAKCAQEAx1\n"
                    + "q8Zr+/==\n"
                    + "-----END RSA PRIVATE KEY-----";
    private static final List<String> ANSWERS =
            List.of(
                    "",
                    "Plain prose, nothing to hide. Another sentence follows!",
                    "My mail is ann.lee@example.com, call (415) 555-0132 or +41 44 668 18 00"
                            + " today.",
                    "token = \"ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYz1234" + "\" and done",
                    "Pay DE89 3704 0044 0532 0130 00 or card 4111 1111 1111 1111, thanks",
                    "password: hunter2! url postgres://app:s3cr3tpw@db.internal:5432/x?y=1",
                    "Key:\n" + KEY + "\nafter the key",
                    "Two:\n" + KEY + " " + KEY + " end",
                    "cert -----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE----- fine",
                    "broken -----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKC",
                    "-----BEGIN ",
                    "emoji 🦉🦉 next to a@b.ch🦉 and 漢字192.168.7.9漢字",
                    "half \ud83e and \udd89 alone",
                    "2001:db8::8a2e:370:7334 and 10.1.2.3, 00:11:22:33:44:55.",
                    "SSN 123-45-6789, AHV 756.9217.0769.85, NI AB 12 34 56 C",
                    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
                    "In 2024 The UN met 12 times (see 3.4) in NY 10 A B C 1 2 3 4 5 6 7 8 9 10 11"
                            + " 12 13 14 15");

    @Test
    void givesTheSameWhereverTheTextIsSplitInTwo() {
        for (String answer : ANSWERS) {
            String whole = scrub(List.of(answer)).text();
            for (int at = 0; at <= answer.length(); at++) {
                Result split = scrub(List.of(answer.substring(0, at), answer.substring(at)));
                assertThat(split.text()).as("%s at %d", answer, at).isEqualTo(whole);
                assertThat(split.findings()).isEqualTo(scrub(List.of(answer)).findings());
            }
        }
    }

    @Test
    void givesTheSameCharacterByCharacterAndInRandomPieces() {
        long seed = 5;
        Random random = new Random(seed);
        String all =
                String.join(" ", ANSWERS)
                        + " "
                        + "x7".repeat(3000)
                        + " "
                        + String.join("\n", ANSWERS);
        String whole = scrub(List.of(all)).text();

        assertThat(scrub(all.chars().mapToObj(c -> String.valueOf((char) c)).toList()).text())
                .isEqualTo(whole);
        for (int round = 0; round < 200; round++) {
            List<String> pieces = new ArrayList<>();
            for (int at = 0; at < all.length(); ) {
                int end = Math.min(all.length(), at + 1 + random.nextInt(40));
                pieces.add(all.substring(at, end));
                at = end;
            }
            assertThat(scrub(pieces).text()).as("seed %d round %d", seed, round).isEqualTo(whole);
        }
    }

    @Test
    void neverEndsAPieceInsideASurrogatePair() {
        Scrubber scrubber = new Scrubber(Set.of());

        assertThat(scrubber.feed("a \ud83e")).isEqualTo("a ");
        assertThat(scrubber.feed("\udd89")).isEqualTo("🦉");
        assertThat(scrubber.finish()).isEmpty();
    }

    @Test
    void withholdsNoMoreThanItSays() {
        Scrubber scrubber = new Scrubber(Set.of());
        long in = 0;
        long out = 0;
        for (int i = 0; i < 3000; i++) {
            in += 7;
            out += scrubber.feed("a1b2c3.").length();
            assertThat(in - out).isLessThanOrEqualTo(Scrubber.LONGEST);
        }
    }

    @Test
    void takesARunawayTokenOutToItsEnd() {
        String token = "ghp_" + "aB3dE5fG7hJ9".repeat(1000);

        assertThat(scrub(List.of("see " + token + " end")).text())
                .isEqualTo("see [REDACTED:GITHUB_TOKEN] end");
    }

    @Test
    void findsATokenThatLiesAcrossThePlaceWhereALongRunIsCut() {
        String token = "ghp_aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYz1234";
        for (int before = Scrubber.LONGEST - 60; before < Scrubber.LONGEST + 10; before++) {
            String answer = "-/".repeat(before / 2) + "/".repeat(before % 2) + token + " end";
            assertThat(scrub(List.of(answer)).text())
                    .as("at %d", before)
                    .doesNotContain("N2pQ4rS6")
                    .endsWith("[REDACTED:GITHUB_TOKEN] end");
        }
    }

    @Test
    void takesPrivateKeysOutWhole() {
        assertThat(scrub(List.of("Key:\n" + KEY + "\nafter")).text())
                .isEqualTo("Key:\n[REDACTED:PRIVATE_KEY]\nafter");
        assertThat(scrub(List.of("x -----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKC")).text())
                .isEqualTo("x [REDACTED:PRIVATE_KEY]");
        assertThat(scrub(List.of("c -----BEGIN CERTIFICATE-----\nMIIB")).text())
                .isEqualTo("c -----BEGIN CERTIFICATE-----\nMIIB");
    }

    @Test
    void workGrowsInStepWithTheText() {
        String[] bricks = {
            "a1 ",
            "a1.b2:c3@d4/",
            "1 2 3 4 5 6 ",
            "AB 12 ",
            "-----BEGIN ",
            "eyJ",
            "://a:b@",
            "::1:",
            "ghp_",
            "=\"x1y2z3\" "
        };
        for (String brick : bricks) {
            long small = steps(brick, 20_000);
            long large = steps(brick, 80_000);
            assertThat(large).as(brick).isLessThan(small * 5);
            assertThat(large).as(brick).isLessThan(80_000L * 8);
        }
    }

    @Test
    void survivesAnyNoise() {
        long seed = 3;
        Random random = new Random(seed);
        String signs = "aZ09 -_+/=.:@%~!#$&*?^()'\"[]{}<>|,;\n\t\\é漢\ud83e\udd89eyJ-----BEGIN END";
        for (int round = 0; round < 2000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 120; i++) {
                text.append(signs.charAt(random.nextInt(signs.length())));
            }
            String whole = scrub(List.of(text.toString())).text();
            int at = random.nextInt(120);
            assertThat(scrub(List.of(text.substring(0, at), text.substring(at))).text())
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(whole);
        }
    }

    private static long steps(String brick, int length) {
        Scrubber scrubber = new Scrubber(Set.of());
        scrubber.feed(brick.repeat(length / brick.length()));
        scrubber.finish();
        return scrubber.steps();
    }

    private record Result(String text, List<Scrubber.Found> findings) {}

    private static Result scrub(List<String> pieces) {
        Scrubber scrubber = new Scrubber(Set.of());
        StringBuilder out = new StringBuilder();
        for (String piece : pieces) {
            out.append(scrubber.feed(piece));
        }
        return new Result(out.append(scrubber.finish()).toString(), scrubber.findings());
    }
}
