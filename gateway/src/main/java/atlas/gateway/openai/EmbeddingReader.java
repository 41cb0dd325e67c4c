package atlas.gateway.openai;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the vectors out of an answer of embeddings that {@link EmbeddingRewriter} wrote. */
public final class EmbeddingReader {
    private EmbeddingReader() {}

    /** The body of a request for the embeddings of these texts. */
    public static byte[] request(String model, List<String> texts) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("model", model);
            out.writeStringField("encoding_format", "float");
            out.writeArrayFieldStart("input");
            for (String text : texts) {
                out.writeString(text);
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    /**
     * One vector for each text that was sent.
     *
     * @throws BrokenAnswer when there is not exactly one for each
     */
    public static List<float[]> vectors(byte[] body, int count) throws BrokenAnswer {
        float[][] vectors = new float[count][];
        try (JsonParser in = Json.factory().createParser(body)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                boolean items = in.currentName().equals("data");
                if (in.nextToken() == JsonToken.START_ARRAY && items) {
                    while (in.nextToken() == JsonToken.START_OBJECT) {
                        item(in, vectors);
                    }
                } else {
                    in.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new BrokenAnswer("the engine's answer is not valid JSON");
        }
        for (float[] vector : vectors) {
            if (vector == null || vector.length == 0) {
                throw new BrokenAnswer("the engine's answer lacks the embedding of a text");
            }
        }
        return new ArrayList<>(Arrays.asList(vectors));
    }

    private static void item(JsonParser in, float[][] vectors) throws IOException, BrokenAnswer {
        int index = -1;
        float @Nullable [] vector = null;
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken token = in.nextToken();
            if (name.equals("index") && token == JsonToken.VALUE_NUMBER_INT) {
                index = in.getIntValue();
            } else if (name.equals("embedding") && token == JsonToken.START_ARRAY) {
                vector = numbers(in);
            } else {
                in.skipChildren();
            }
        }
        if (index < 0 || index >= vectors.length || vector == null) {
            throw new BrokenAnswer("the engine's answer has an embedding of no text");
        }
        vectors[index] = vector;
    }

    private static float[] numbers(JsonParser in) throws IOException {
        float[] numbers = new float[512];
        int count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            numbers = count == numbers.length ? Arrays.copyOf(numbers, 2 * count) : numbers;
            numbers[count++] = in.getFloatValue();
        }
        return Arrays.copyOf(numbers, count);
    }
}
