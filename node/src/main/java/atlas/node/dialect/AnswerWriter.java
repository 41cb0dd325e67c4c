package atlas.node.dialect;

import atlas.core.json.Json;
import atlas.node.engine.Embeddings;
import atlas.node.engine.TokenSink.Finish;
import atlas.node.engine.TokenSink.Token;
import atlas.node.engine.TokenSink.Usage;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes answers of the OpenAI dialect for one request. */
final class AnswerWriter {
    /** What every part of an answer repeats. */
    record Head(String id, long created, String model, String fingerprint, boolean chat) {}

    private final Head head;

    AnswerWriter(Head head) {
        this.head = head;
    }

    private static byte[] event(Json.Body body) {
        byte[] json = Json.bytes(body);
        ByteBuffer event = ByteBuffer.allocate(json.length + 8);
        event.put("data: ".getBytes(StandardCharsets.US_ASCII)).put(json).put((byte) '\n');
        return event.put((byte) '\n').array();
    }

    /** The event that opens a chat answer; plain completions have none. */
    byte[] opening() {
        return event(out -> {
            begin(out, true);
            out.writeStartObject();
            out.writeNumberField("index", 0);
            out.writeObjectFieldStart("delta");
            out.writeStringField("role", "assistant");
            out.writeStringField("content", "");
            out.writeEndObject();
            out.writeNullField("finish_reason");
            out.writeEndObject();
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    /** One piece of text, with its tokens when log probabilities were asked for. */
    byte[] piece(String text, List<Token> tokens) {
        return event(out -> {
            begin(out, true);
            out.writeStartObject();
            out.writeNumberField("index", 0);
            if (head.chat()) {
                out.writeObjectFieldStart("delta");
                out.writeStringField("content", text);
                out.writeEndObject();
            } else {
                out.writeStringField("text", text);
            }
            logprobs(out, tokens);
            out.writeNullField("finish_reason");
            out.writeEndObject();
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    /** The events that close a stream: the reason, the usage, the end. */
    byte[] closing(Finish finish, Usage usage) {
        byte[] reason =
                event(out -> {
                    begin(out, true);
                    out.writeStartObject();
                    out.writeNumberField("index", 0);
                    if (head.chat()) {
                        out.writeObjectFieldStart("delta");
                        out.writeEndObject();
                    } else {
                        out.writeStringField("text", "");
                    }
                    out.writeStringField("finish_reason", reason(finish));
                    out.writeEndObject();
                    out.writeEndArray();
                    out.writeEndObject();
                });
        byte[] cost =
                event(out -> {
                    begin(out, true);
                    out.writeEndArray();
                    usage(out, usage);
                    out.writeEndObject();
                });
        byte[] done = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(reason.length + cost.length + done.length)
                .put(reason)
                .put(cost)
                .put(done)
                .array();
    }

    /** The event that ends a stream which cannot go on. */
    static byte[] failure(Refused refused) {
        return event(out -> error(out, refused));
    }

    /** The body of an error answer. */
    static byte[] error(Refused refused) {
        return Json.bytes(out -> error(out, refused));
    }

    private static void error(JsonGenerator out, Refused refused) throws IOException {
        out.writeStartObject();
        out.writeObjectFieldStart("error");
        out.writeStringField("message", refused.reason());
        out.writeStringField(
                "type", refused.status() < 500 ? "invalid_request_error" : "server_error");
        out.writeNullField("param");
        out.writeStringField("code", refused.code());
        out.writeEndObject();
        out.writeEndObject();
    }

    /** A whole answer at once. */
    byte[] whole(String text, Finish finish, Usage usage, List<Token> tokens) {
        return Json.bytes(out -> {
            begin(out, false);
            out.writeStartObject();
            out.writeNumberField("index", 0);
            if (head.chat()) {
                out.writeObjectFieldStart("message");
                out.writeStringField("role", "assistant");
                out.writeStringField("content", text);
                out.writeEndObject();
            } else {
                out.writeStringField("text", text);
            }
            logprobs(out, tokens);
            out.writeStringField("finish_reason", reason(finish));
            out.writeEndObject();
            out.writeEndArray();
            usage(out, usage);
            out.writeEndObject();
        });
    }

    private void begin(JsonGenerator out, boolean chunk) throws IOException {
        out.writeStartObject();
        out.writeStringField("id", head.id());
        String kind = head.chat() ? "chat.completion" : "text_completion";
        out.writeStringField("object", head.chat() && chunk ? kind + ".chunk" : kind);
        out.writeNumberField("created", head.created());
        out.writeStringField("model", head.model());
        out.writeStringField("system_fingerprint", head.fingerprint());
        out.writeArrayFieldStart("choices");
    }

    private static void usage(JsonGenerator out, Usage usage) throws IOException {
        out.writeObjectFieldStart("usage");
        out.writeNumberField("prompt_tokens", usage.promptTokens());
        out.writeNumberField("completion_tokens", usage.completionTokens());
        out.writeNumberField("total_tokens", usage.promptTokens() + usage.completionTokens());
        out.writeEndObject();
    }

    private static String reason(Finish finish) {
        return switch (finish) {
            case STOP, CANCELLED -> "stop";
            case LENGTH -> "length";
        };
    }

    private static void logprobs(JsonGenerator out, List<Token> tokens) throws IOException {
        if (tokens.isEmpty()) {
            out.writeNullField("logprobs");
            return;
        }
        out.writeObjectFieldStart("logprobs");
        out.writeArrayFieldStart("content");
        for (Token token : tokens) {
            out.writeStartObject();
            out.writeStringField("token", new String(token.bytes(), StandardCharsets.UTF_8));
            // An end held back has no probability of its own.
            out.writeNumberField("logprob", Float.isNaN(token.logprob()) ? 0 : token.logprob());
            out.writeArrayFieldStart("bytes");
            for (byte b : token.bytes()) {
                out.writeNumber(b & 255);
            }
            out.writeEndArray();
            out.writeArrayFieldStart("top_logprobs");
            out.writeEndArray();
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    /** The answer to a request for embeddings. */
    static byte[] embeddings(String model, Embeddings made, boolean base64) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("object", "list");
            out.writeArrayFieldStart("data");
            for (int i = 0; i < made.vectors().size(); i++) {
                out.writeStartObject();
                out.writeStringField("object", "embedding");
                out.writeNumberField("index", i);
                out.writeFieldName("embedding");
                vector(out, made.vectors().get(i), base64);
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeStringField("model", model);
            out.writeObjectFieldStart("usage");
            out.writeNumberField("prompt_tokens", made.promptTokens());
            out.writeNumberField("total_tokens", made.promptTokens());
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    private static void vector(JsonGenerator out, float @Nullable [] vector, boolean base64)
            throws IOException {
        if (vector == null) {
            out.writeNull();
        } else if (base64) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length);
            bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(vector);
            out.writeString(Base64.getEncoder().encodeToString(bytes.array()));
        } else {
            out.writeArray(doubles(vector), 0, vector.length);
        }
    }

    /** The shortest decimals that give the same floats back. */
    private static double[] doubles(float[] vector) {
        double[] doubles = new double[vector.length];
        for (int i = 0; i < vector.length; i++) {
            doubles[i] = Double.parseDouble(Float.toString(vector[i]));
        }
        return doubles;
    }
}
