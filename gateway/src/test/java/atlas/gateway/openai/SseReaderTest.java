package atlas.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SseReaderTest {
    private static final String STREAM =
            "\ufeffdata: first\n\n: a comment\ndata:no space\r\n\r\nevent: x\rdata: two\rdata:"
                    + "  lines\r\rdata\n\nid: 7\n\nretry: 5\ndatax: no\n\ndata: ü€😀\n\n"
                    + "data: never ended";
    private static final List<String> EVENTS =
            List.of("first", "no space", "two\n lines", "", "ü€😀");

    @Test
    void readsEveryLineEndingCommentAndField() throws BrokenAnswer {
        assertThat(read(STREAM.getBytes(StandardCharsets.UTF_8), new int[0])).isEqualTo(EVENTS);
    }

    @Test
    void readsTheSameHoweverTheBytesWereSplit() throws BrokenAnswer {
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second++) {
                assertThat(read(bytes, new int[] {first, second}))
                        .as("split at %d and %d", first, second)
                        .isEqualTo(EVENTS);
            }
        }
    }

    @Test
    void readsTheSameWhenEveryByteComesAlone() throws BrokenAnswer {
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        int[] cuts = new int[bytes.length];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = i;
        }
        assertThat(read(bytes, cuts)).isEqualTo(EVENTS);
    }

    @Test
    void refusesALineThatNeverEnds() {
        SseReader reader = new SseReader(100, (_, _, _) -> {});

        assertThatThrownBy(() -> feed(reader, "data: " + "x".repeat(100)))
                .isInstanceOf(BrokenAnswer.class);
    }

    @Test
    void refusesAnEventOfTooManyLines() {
        SseReader reader = new SseReader(100, (_, _, _) -> {});

        assertThatThrownBy(() -> feed(reader, "data: xxxxxxxxx\n".repeat(20)))
                .isInstanceOf(BrokenAnswer.class);
    }

    @Test
    void survivesNoise() {
        long seed = 20261123;
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            byte[] noise = new byte[random.nextInt(200)];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = (byte) "data: \r\n:\u00efx".charAt(random.nextInt(11));
            }
            SseReader reader = new SseReader(64, (_, _, _) -> {});
            try {
                reader.feed(noise, 0, noise.length);
            } catch (BrokenAnswer e) {
                assertThat(e).as("seed %d, round %d", seed, round).hasMessageContaining("larger");
            }
        }
    }

    private static void feed(SseReader reader, String text) throws BrokenAnswer {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        reader.feed(bytes, 0, bytes.length);
    }

    private static List<String> read(byte[] bytes, int[] cuts) throws BrokenAnswer {
        List<String> events = new ArrayList<>();
        SseReader reader =
                new SseReader(
                        1 << 16,
                        (data, offset, length) ->
                                events.add(
                                        new String(data, offset, length, StandardCharsets.UTF_8)));
        int from = 0;
        for (int cut : cuts) {
            reader.feed(bytes, from, cut - from);
            from = cut;
        }
        reader.feed(bytes, from, bytes.length - from);
        return events;
    }
}
