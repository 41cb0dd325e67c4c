package atlas.node.engine.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import atlas.core.json.Json;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.ModelFiles;
import atlas.node.engine.WeightFormat;
import atlas.node.engine.Weights;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OnnxEmbedderTest {
    private static final int WIDTH = 8;
    private static final EngineSpec SPEC = new EngineSpec("tiny", 64, 2, 0);

    private final float[] table = table();

    private static float[] table() {
        SplittableRandom random = new SplittableRandom(11);
        float[] table = new float[256 * WIDTH];
        for (int i = 0; i < table.length; i++) {
            table[i] = (float) (random.nextDouble() * 2 - 1);
        }
        return table;
    }

    /** Every byte is its own token, numbered like the byte. */
    private static byte[] tokenizer(String type) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeObjectFieldStart("model");
            out.writeStringField("type", type);
            out.writeObjectFieldStart("vocab");
            int next = 256;
            for (int b = 0; b < 256; b++) {
                boolean printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
                out.writeNumberField(String.valueOf((char) (printable ? b : next++)), b);
            }
            out.writeEndObject();
            out.writeArrayFieldStart("merges");
            out.writeEndArray();
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    private static Weights weights(byte[] model, Optional<byte[]> tokenizer) {
        Weights raw = ModelFiles.weights(model);
        return new Weights() {
            @Override
            public WeightFormat format() {
                return WeightFormat.ONNX;
            }

            @Override
            public MemorySegment bytes() {
                return raw.bytes();
            }

            @Override
            public Optional<MemorySegment> companion(String name) {
                return name.equals("tokenizer.json")
                        ? tokenizer.map(MemorySegment::ofArray)
                        : Optional.empty();
            }

            @Override
            public void close() {
                raw.close();
            }
        };
    }

    private float[] expected(String text) {
        double[] sum = new double[WIDTH];
        for (byte b : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            for (int i = 0; i < WIDTH; i++) {
                sum[i] += table[(b & 255) * WIDTH + i];
            }
        }
        double squares = 0;
        for (double value : sum) {
            squares += value * value;
        }
        float[] unit = new float[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            unit[i] = (float) (sum[i] / Math.sqrt(squares));
        }
        return unit;
    }

    @Test
    void givesTheMeanOfTheTokenStates() throws Exception {
        byte[] model = OnnxWriter.lookup("input_ids", "last_hidden_state", table, 256, WIDTH);
        try (Weights weights = weights(model, Optional.of(tokenizer("BPE")));
                InferenceEngine engine = new OnnxEmbedder().open(SPEC, weights)) {
            List<String> texts = List.of("a queue", "Grüße", "x");
            var made = engine.embed(texts);
            for (int t = 0; t < texts.size(); t++) {
                for (int i = 0; i < WIDTH; i++) {
                    assertThat(made.vectors().get(t)[i])
                            .isCloseTo(expected(texts.get(t))[i], within(1e-5f));
                }
            }
            assertThat(made.promptTokens()).isEqualTo(7 + 7 + 1);
            assertThat(engine.capabilities().embeds()).isTrue();
            assertThatThrownBy(() -> engine.embed(List.of("y".repeat(65))))
                    .hasMessageContaining("more than 64 tokens");
            assertThatThrownBy(() -> engine.embed(List.of(""))).hasMessageContaining("no text");
        }
    }

    @Test
    void refusesWhatIsNoGraphOrTheWrongOne() {
        refuses("garbage".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "not accept");
        refuses(OnnxWriter.lookup("x", "last_hidden_state", table, 256, WIDTH), "input_ids");
        refuses(OnnxWriter.lookup("input_ids", "y", table, 256, WIDTH), "last_hidden_state");
    }

    private static void refuses(byte[] model, String because) {
        try (Weights weights = weights(model, Optional.of(tokenizer("BPE")))) {
            assertThatThrownBy(() -> new OnnxEmbedder().open(SPEC, weights))
                    .isInstanceOf(EngineRefusal.class)
                    .hasMessageContaining(because);
        }
    }

    @Test
    void refusesTokenizersThatItDoesNotRun() {
        byte[] model = OnnxWriter.lookup("input_ids", "last_hidden_state", table, 256, WIDTH);
        try (Weights other = weights(model, Optional.of(tokenizer("WordPiece")));
                Weights none = weights(model, Optional.empty())) {
            assertThatThrownBy(() -> new OnnxEmbedder().open(SPEC, other))
                    .hasMessageContaining("only BPE");
            assertThatThrownBy(() -> new OnnxEmbedder().open(SPEC, none))
                    .hasMessageContaining("tokenizer.json");
        }
    }
}
