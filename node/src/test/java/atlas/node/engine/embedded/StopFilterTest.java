package atlas.node.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopFilterTest {
    private static String run(List<String> stops, String text, int pieceBytes) {
        StopFilter filter = new StopFilter(stops);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < bytes.length && !filter.stopped(); at += pieceBytes) {
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + pieceBytes));
            out.append(new String(filter.feed(piece), StandardCharsets.UTF_8));
        }
        out.append(new String(filter.finish(), StandardCharsets.UTF_8));
        return out.toString();
    }

    @Test
    void endsBeforeTheStopTextHoweverItArrives() {
        for (int piece = 1; piece < 20; piece++) {
            assertThat(run(List.of("END"), "one two EN END three", piece)).isEqualTo("one two EN ");
        }
    }

    @Test
    void givesEverythingBackWhenTheStopNeverCompletes() {
        for (int piece = 1; piece < 9; piece++) {
            assertThat(run(List.of("abcd", "xyz"), "abcabcxyab", piece)).isEqualTo("abcabcxyab");
        }
    }

    @Test
    void theEarliestOfSeveralStopsWins() {
        for (int piece = 1; piece < 9; piece++) {
            assertThat(run(List.of("later", "la"), "so later", piece)).isEqualTo("so ");
        }
    }

    @Test
    void withoutStopsNothingIsHeldBack() {
        assertThat(run(List.of(), "plain", 2)).isEqualTo("plain");
    }
}
