package atlas.guard.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScorecardTest {
    @TempDir Path dir;

    @Test
    void countsEachGroupAtTheThreshold() {
        List<Measured> rows =
                List.of(
                        row("a", "benign", false, 0.1),
                        row("a", "benign-hard", false, 0.9),
                        row("a", "benign-hard", false, 0.2),
                        row("b", "direct", true, 0.95),
                        row("b", "direct", true, 0.15));

        Scorecard card = Scorecard.of(rows, 0.5, "the test");

        assertThat(card.whole().harmless()).isEqualTo(3);
        assertThat(card.whole().attacks()).isEqualTo(2);
        assertThat(card.whole().recall().value()).isEqualTo(0.5);
        assertThat(card.whole().falseAlarms().value()).isEqualTo(1 / 3.0);
        assertThat(card.whole().auc().value()).isEqualTo((3 + 1) / 6.0);
        assertThat(card.hardNegatives().value()).isEqualTo(0.5);
        Scorecard.Line b = Objects.requireNonNull(card.groups().get("source")).get(1);
        assertThat(b.name()).isEqualTo("b");
        assertThat(b.harmless()).isZero();
        assertThat(b.falseAlarms().measured()).isFalse();
        assertThat(b.auc().value()).isEqualTo(4 / 6.0);
    }

    @Test
    void measuresWhatItClaimsToMeasure() {
        List<Double> harmless = List.of(1.0, 2.0, 3.0, 4.0);
        List<Double> attacks = List.of(2.0, 5.0);

        assertThat(Metrics.auc(harmless, attacks)).isEqualTo((1.5 + 4) / 8);
        double threshold = Metrics.threshold(harmless, 0.25);
        assertThat(Metrics.share(harmless, threshold)).isEqualTo(0.25);
        assertThat(Metrics.share(attacks, threshold)).isEqualTo(0.5);
    }

    @Test
    void anIntervalHoldsItsFigureAndNarrowsWithMoreRows() {
        Interval few = recall(20);
        Interval many = recall(2000);

        for (Interval interval : List.of(few, many)) {
            assertThat(interval.value()).isBetween(interval.low(), interval.high());
        }
        assertThat(many.high() - many.low()).isLessThan((few.high() - few.low()) / 3);
        assertThat(recall(20)).isEqualTo(few);
    }

    private static Interval recall(int count) {
        List<Measured> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(row("a", "benign", false, i % 7));
            rows.add(row("b", "direct", true, i % 9));
        }
        return Scorecard.of(rows, 5, "the test").whole().recall();
    }

    @Test
    void isOneJsonObjectOnOneLine() throws IOException {
        String json =
                ScorecardText.json(
                        Scorecard.of(List.of(row("a|b", "benign", false, 0.1)), 0.5, "x"));

        assertThat(json).doesNotContain("\n").contains("\"recall\":null");
        try (JsonParser parser = Json.factory().createParser(json)) {
            while (parser.nextToken() != null) {
                assertThat(parser.currentToken()).isNotNull();
            }
        }
    }

    @Test
    void readsRowsPackedOrNotAndNamesTheLineItCannotRead() throws IOException {
        Path plain = dir.resolve("a.jsonl");
        Files.writeString(plain, "{\"text\":\"x\",\"label\":1,\"role\":\"tool\",\"n\":[1]}\n\n");
        Path packed = dir.resolve("b.jsonl.gz");
        try (Writer out =
                new OutputStreamWriter(
                        new GZIPOutputStream(Files.newOutputStream(packed)),
                        StandardCharsets.UTF_8)) {
            out.write("{\"text\":\"y\",\"label\":0}\n");
        }

        assertThat(Row.read(plain))
                .containsExactly(new Row("x", true, "unnamed", "unnamed", "unnamed", "tool"));
        assertThat(Row.read(packed)).hasSize(1);
        for (String bad :
                List.of(
                        "{\"text\":\"x\"}",
                        "{\"label\":1}",
                        "[1",
                        "{\"text\":\"x\",\"label\":2}")) {
            Files.writeString(plain, "{\"text\":\"x\",\"label\":0}\n" + bad + "\n");
            assertThatThrownBy(() -> Row.read(plain))
                    .as(bad)
                    .isInstanceOf(Row.UnreadableRow.class)
                    .hasMessageContaining("line 2");
        }
    }

    private static Measured row(String source, String category, boolean attack, double score) {
        return new Measured(new Row("t", attack, source, category, "en", "user"), score);
    }
}
