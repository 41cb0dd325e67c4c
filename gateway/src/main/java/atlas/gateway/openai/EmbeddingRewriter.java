package atlas.gateway.openai;

import atlas.core.AuditEvent.GuardReport;
import atlas.core.json.Json;
import atlas.gateway.openai.Answer.Usage;
import atlas.gateway.openai.AnswerRewriter.Rewritten;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites an answer of embeddings: numbers, or base64 of them, and nothing that could be prose.
 * There is no text to filter, and the record says so.
 */
public final class EmbeddingRewriter {
    private final JsonParser in;
    private final JsonGenerator out;
    private @Nullable Usage usage;
    private int vectors;

    private EmbeddingRewriter(JsonParser in, JsonGenerator out) {
        this.in = in;
        this.out = out;
    }

    /** Rewrites a body; the model is called what the caller called it. */
    public static Rewritten rewrite(String model, byte[] body) throws BrokenAnswer {
        if (!Utf8.wellFormed(body, 0, body.length)) {
            throw new BrokenAnswer("the engine's answer is not UTF-8");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length + 64);
        EmbeddingRewriter rewriter;
        try (JsonParser in = Json.factory().createParser(body);
                JsonGenerator out = Json.factory().createGenerator(bytes)) {
            rewriter = new EmbeddingRewriter(in, out);
            rewriter.whole(model);
        } catch (JsonProcessingException e) {
            throw new BrokenAnswer("the engine's answer is not valid JSON");
        } catch (IOException e) {
            throw new BrokenAnswer("the engine's answer cannot be read");
        }
        if (rewriter.vectors == 0) {
            throw new BrokenAnswer("the engine's answer has no embeddings");
        }
        long tokens = rewriter.usage == null ? 0 : rewriter.usage.promptTokens();
        GuardReport report = GuardReport.skipped(0);
        return new Rewritten(
                bytes.toByteArray(),
                new AnswerSummary(List.of(), List.of(), tokens, 0, false, report, ""));
    }

    private void whole(String model) throws IOException, BrokenAnswer {
        if (in.nextToken() != JsonToken.START_OBJECT) {
            throw new BrokenAnswer("the engine's answer is not a JSON object");
        }
        out.writeStartObject();
        out.writeStringField("object", "list");
        out.writeStringField("model", model);
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken token = in.nextToken();
            if (name.equals("data") && token == JsonToken.START_ARRAY) {
                out.writeArrayFieldStart("data");
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    item();
                }
                out.writeEndArray();
            } else if (name.equals("usage") && token == JsonToken.START_OBJECT) {
                usage = AnswerReader.usage(in);
            } else {
                in.skipChildren();
            }
        }
        if (usage != null) {
            out.writeObjectFieldStart("usage");
            out.writeNumberField("prompt_tokens", usage.promptTokens());
            out.writeNumberField("total_tokens", usage.totalTokens());
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    private void item() throws IOException, BrokenAnswer {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            throw new BrokenAnswer("the engine's answer has an embedding that is not an object");
        }
        out.writeStartObject();
        out.writeStringField("object", "embedding");
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken token = in.nextToken();
            if (name.equals("index") && token == JsonToken.VALUE_NUMBER_INT) {
                out.writeNumberField("index", in.getValueAsInt());
            } else if (name.equals("embedding")) {
                out.writeFieldName(name);
                vector(token);
                vectors++;
            } else {
                in.skipChildren();
            }
        }
        out.writeEndObject();
    }

    private void vector(JsonToken token) throws IOException, BrokenAnswer {
        if (token == JsonToken.VALUE_STRING) {
            // Decoding and encoding again leaves room for nothing but bytes of numbers.
            byte[] numbers = in.getBinaryValue();
            if (numbers.length % Float.BYTES != 0) {
                throw new BrokenAnswer("the engine's answer has a vector that is not floats");
            }
            out.writeBinary(numbers);
            return;
        }
        if (token != JsonToken.START_ARRAY) {
            throw new BrokenAnswer("the engine's answer has an embedding without a vector");
        }
        out.writeStartArray();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (in.currentToken() == null || !in.currentToken().isNumeric()) {
                throw new BrokenAnswer("the engine's answer has a vector that is not numbers");
            }
            out.writeNumber(in.getText());
        }
        out.writeEndArray();
    }
}
