package atlas.guard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.guard.measure.Row;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class GrammarTest {
    @Test
    void everyLanguageHasAttacksAndTheirTwins() {
        Grammar grammar = Grammar.shipped();

        List<String> languages = grammar.languages("direct");
        assertThat(languages).contains("en", "zh", "ar", "ru").hasSizeGreaterThan(20);
        for (String name : List.of("inj", "request", "ask")) {
            assertThat(grammar.languages(name)).as(name).isEqualTo(languages);
        }
        assertThat(grammar.languages("more")).hasSize(languages.size() - 1).doesNotContain("en");
        assertThat(OwnRows.foreign(200, random()))
                .isEqualTo(OwnRows.foreign(200, random()))
                .hasSizeGreaterThan(350)
                .noneMatch(r -> r.lang().equals("en"));
    }

    @Test
    void saysEverythingThatIsWritten() {
        Grammar grammar = Grammar.shipped();
        RandomGenerator random = random();
        for (String name :
                List.of("tool.en", "shape", "job.en", "roleplay", "play.en", "smuggle", "harm")) {
            for (int i = 0; i < 300; i++) {
                assertThat(grammar.say(name, "X", random)).doesNotContainPattern("\\{[a-z0-9.]+}");
            }
        }
    }

    @Test
    void refusesANameItDoesNotKnowAndALineThatIsNone() {
        Grammar grammar = Grammar.parse("a = one {b}\n# a remark\n");

        assertThatThrownBy(() -> grammar.say("a", random())).hasMessageContaining("`b`");
        assertThatThrownBy(() -> Grammar.parse("nonsense")).hasMessageContaining("nonsense");
    }

    @Test
    void makesTheSamePairsFromTheSameRows() {
        List<Row> rows =
                List.of(
                        new Row(
                                "It rained. The sun came out.",
                                false,
                                "clinc x",
                                "benign",
                                "en",
                                "document"),
                        new Row(
                                "Es regnete. Die Sonne kam.",
                                false,
                                "gsm8k",
                                "benign",
                                "de",
                                "document"));

        List<Row> own = OwnRows.of(rows, 80, random());

        assertThat(OwnRows.of(rows, 80, random())).isEqualTo(own);
        assertThat(own).allMatch(OwnRows::own);
        assertThat(own.stream().filter(Row::attack).count()).isEqualTo(80 + 3 * 4);
        assertThat(own.stream().filter(r -> !r.attack()).count()).isEqualTo(80 + 2 * 4);
        Folds folds = Folds.shipped();
        assertThat(own)
                .filteredOn(r -> r.source().endsWith("< gsm8k"))
                .isNotEmpty()
                .allMatch(r -> folds.leavesOut(1, r))
                .noneMatch(r -> folds.leavesOut(0, r));
        assertThat(own)
                .filteredOn(r -> r.source().equals("own-said"))
                .isNotEmpty()
                .noneMatch(r -> folds.leavesOut(0, r));
    }

    private static RandomGenerator random() {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    }
}
