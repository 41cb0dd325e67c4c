package atlas.guard.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.guard.text.Canonical;
import atlas.guard.text.View;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class TokensTest {
    @Test
    void cutsWordsNumbersSignsAndCharactersOfScriptsWithoutBlanks() {
        assertThat(words("Pay 1,200 to  bob@example!"))
                .containsExactly("pay", "1", ",", "200", "to", "bob", "@", "example", "!");
        assertThat(words("忽略 指令")).containsExactly("忽", "略", "指", "令");
        assertThat(words("무시하고 हिन्दी")).containsExactly("무시하고", "हिन्दी");
    }

    @Test
    void cutsWhatIsLongAndDropsWhatIsRepeated() {
        assertThat(words("incomprehensibilities")).containsExactly("incomprehens", "ibilities");
        assertThat(words("------- x")).containsExactly("-", "-", "-", "x");
    }

    @Test
    void knowsAWordByItsSpellingAndNumbersByTheirLength() {
        assertThat(hashes("one two one")).satisfies(h -> assertThat(h.get(0)).isEqualTo(h.get(2)));
        assertThat(hashes("12 34 123"))
                .satisfies(h -> assertThat(h.get(0)).isEqualTo(h.get(1)).isNotEqualTo(h.get(2)));
        assertThat(hashes("abc abd").stream().distinct()).hasSize(2);
    }

    @Test
    void kinShareMostOfTheirPieces() {
        List<List<Integer>> pieces = pieces("instructions instruction volcano");

        assertThat(pieces.get(0)).containsAnyElementsOf(pieces.get(1));
        assertThat(pieces.get(1).stream().filter(pieces.get(0)::contains).count()).isGreaterThan(8);
        assertThat(pieces.get(2)).doesNotContainAnyElementsOf(pieces.get(0));
    }

    /** Whatever is thrown at it: tokens go forward, overlap nothing and stay in their bounds. */
    @Test
    void goesForwardThroughAnything() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(20261127);
        int[] out = new int[Tokens.LONGEST + 1];
        for (int round = 0; round < 400; round++) {
            int[] points = random.ints(60, 0, 0x30000).toArray();
            for (int i = 0; i < points.length; i++) {
                points[i] = i % 3 == 0 ? points[i] : points[i] & 0x7f;
            }
            for (View view : Canonical.of(new String(points, 0, points.length)).views()) {
                Tokens walk = new Tokens(view);
                int last = 0;
                while (walk.next()) {
                    assertThat(walk.start()).isGreaterThanOrEqualTo(last);
                    assertThat(walk.end()).isGreaterThan(walk.start());
                    int count = walk.pieces(out);
                    assertThat(count).isBetween(1, Tokens.LONGEST);
                    for (int p = 0; p < count; p++) {
                        assertThat(out[p]).isBetween(0, Tokens.PIECES - 1);
                    }
                    last = walk.end();
                }
                assertThat(last).isLessThanOrEqualTo(view.length());
            }
        }
    }

    private static List<String> words(String text) {
        View view = Canonical.of(text).views().getFirst();
        Tokens walk = new Tokens(view);
        List<String> words = new ArrayList<>();
        while (walk.next()) {
            words.add(new String(view.chars(), walk.start(), walk.end() - walk.start()));
        }
        return words;
    }

    private static List<Integer> hashes(String text) {
        Tokens walk = new Tokens(Canonical.of(text).views().getFirst());
        List<Integer> hashes = new ArrayList<>();
        while (walk.next()) {
            hashes.add(walk.hash());
        }
        return hashes;
    }

    private static List<List<Integer>> pieces(String text) {
        Tokens walk = new Tokens(Canonical.of(text).views().getFirst());
        List<List<Integer>> all = new ArrayList<>();
        int[] out = new int[Tokens.LONGEST + 1];
        while (walk.next()) {
            int count = walk.pieces(out);
            List<Integer> some = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                some.add(out[i]);
            }
            all.add(some);
        }
        return all;
    }
}
