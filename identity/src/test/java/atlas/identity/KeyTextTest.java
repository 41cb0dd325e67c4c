package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyTextTest {
    private final SecureRandom random = new SecureRandom();

    @Test
    void readsWhatItWrites() {
        KeyText key = KeyText.random(random);
        assertThat(key.text()).matches(KeyText.PATTERN).hasSize(KeyText.LENGTH);
        assertThat(KeyText.parse(key.text())).contains(key);
    }

    @Test
    void refusesEverySingleSlip() {
        String text = KeyText.random(random).text();
        String alphabet = "abcdefghijklmnopqrstuvwxyz234567_AZ01- \n\u00e9\0";
        for (int at = 0; at < text.length(); at++) {
            for (char c : alphabet.toCharArray()) {
                if (c != text.charAt(at)) {
                    String slip = text.substring(0, at) + c + text.substring(at + 1);
                    assertThat(KeyText.parse(slip)).as("`%s` at %d", c, at).isEmpty();
                }
            }
        }
    }

    @Test
    void refusesTwoNeighboursSwapped() {
        String text = KeyText.random(random).text();
        for (int at = 0; at + 1 < text.length(); at++) {
            char[] swapped = text.toCharArray();
            swapped[at] = text.charAt(at + 1);
            swapped[at + 1] = text.charAt(at);
            if (swapped[at] != swapped[at + 1]) {
                assertThat(KeyText.parse(new String(swapped))).as("at %d", at).isEmpty();
            }
        }
    }

    @Test
    void refusesMoreOrLessThanAKey() {
        String text = KeyText.random(random).text();
        for (String other :
                new String[] {
                    "",
                    "atlas_",
                    text.substring(1),
                    text + "a",
                    text + "\n",
                    " " + text,
                    text.substring(0, text.length() - 1),
                    text + text,
                    text.toUpperCase()
                }) {
            assertThat(KeyText.parse(other)).as("`%s`", other).isEmpty();
        }
    }

    @Test
    void neverPrintsTheSecret() {
        KeyText key = KeyText.random(random);
        assertThat(key.toString()).contains(key.id()).doesNotContain(key.secret());
    }

    @Test
    void survivesAnyText() {
        long seed = new Random().nextLong();
        Random noise = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            StringBuilder text = new StringBuilder("atlas_");
            int length = noise.nextInt(120);
            for (int j = 0; j < length; j++) {
                text.append((char) noise.nextInt(0x250));
            }
            assertThat(KeyText.parse(text.toString())).as("seed %d", seed).isEmpty();
        }
    }

    @Test
    void idsDoNotRepeat() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            assertThat(ids.add(KeyText.random(random).id())).isTrue();
        }
    }
}
