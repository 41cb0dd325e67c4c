package atlas.gateway.anthropic;

import atlas.core.json.Json;
import atlas.gateway.openai.AnswerHead;
import atlas.gateway.openai.AnswerSummary;
import atlas.gateway.openai.StreamWriter;
import atlas.runtime.http.ByteSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a stream as the events of a message: its blocks one after another, and why it ended and
 * what it took at the very end. Not thread-safe.
 */
public final class MessageEvents implements StreamWriter {
    private static final int NONE = -2;
    private static final int TEXT = -1;

    private final AnswerHead head;
    private final long promptTokens;
    private boolean started;
    private boolean called;
    private int block = -1;
    private int open = NONE;
    private String finishReason = "stop";

    /**
     * @param promptTokens an estimate, told before the engine has counted
     */
    public MessageEvents(AnswerHead head, long promptTokens) {
        this.head = head;
        this.promptTokens = promptTokens;
    }

    @Override
    public void role(int choice, ByteSink out) {
        if (started) {
            return;
        }
        started = true;
        event(
                "message_start",
                out,
                json -> {
                    json.writeObjectFieldStart("message");
                    json.writeStringField("id", MessageWriter.id(head));
                    json.writeStringField("type", "message");
                    json.writeStringField("role", "assistant");
                    json.writeStringField("model", head.model());
                    json.writeArrayFieldStart("content");
                    json.writeEndArray();
                    json.writeNullField("stop_reason");
                    json.writeNullField("stop_sequence");
                    json.writeObjectFieldStart("usage");
                    json.writeNumberField("input_tokens", promptTokens);
                    json.writeNumberField("output_tokens", 0);
                    json.writeEndObject();
                    json.writeEndObject();
                });
    }

    @Override
    public void delta(int choice, String field, String text, ByteSink out) {
        text(choice, text, out);
    }

    @Override
    public void text(int choice, String text, ByteSink out) {
        role(choice, out);
        if (open != TEXT) {
            close(out);
            open(
                    TEXT,
                    out,
                    json -> {
                        json.writeStringField("type", "text");
                        json.writeStringField("text", "");
                    });
        }
        piece(
                out,
                json -> {
                    json.writeStringField("type", "text_delta");
                    json.writeStringField("text", text);
                });
    }

    @Override
    public void call(int choice, int call, String name, ByteSink out) {
        role(choice, out);
        close(out);
        called = true;
        open(
                call,
                out,
                json -> {
                    json.writeStringField("type", "tool_use");
                    json.writeStringField("id", MessageWriter.callId(head, call));
                    json.writeStringField("name", name);
                    json.writeObjectFieldStart("input");
                    json.writeEndObject();
                });
    }

    @Override
    public void arguments(int choice, int call, String text, ByteSink out) {
        if (open != call) {
            throw new IllegalStateException("a tool call that is not the open block");
        }
        piece(
                out,
                json -> {
                    json.writeStringField("type", "input_json_delta");
                    json.writeStringField("partial_json", text);
                });
    }

    /** Closes what is open; the reason is told with the usage, which the engine says last. */
    @Override
    public void finish(int choice, String reason, ByteSink out) {
        role(choice, out);
        close(out);
        finishReason = reason;
    }

    @Override
    public void usage(long prompt, long completion, long total, ByteSink out) {
        // It is in the last but one event, whether asked for or not.
    }

    @Override
    public boolean oneAfterAnother() {
        return true;
    }

    @Override
    public byte[] end(AnswerSummary summary) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        event(
                "message_delta",
                out::write,
                json -> {
                    json.writeObjectFieldStart("delta");
                    json.writeStringField("stop_reason", StopReason.of(finishReason, called));
                    json.writeNullField("stop_sequence");
                    json.writeEndObject();
                    json.writeObjectFieldStart("usage");
                    if (summary.inputTokens() > 0) {
                        json.writeNumberField("input_tokens", summary.inputTokens());
                    }
                    json.writeNumberField("output_tokens", summary.outputTokens());
                    json.writeEndObject();
                });
        event("message_stop", out::write, _ -> {});
        return out.toByteArray();
    }

    private void open(int kind, ByteSink out, Json.Body start) {
        open = kind;
        block++;
        event(
                "content_block_start",
                out,
                json -> {
                    json.writeNumberField("index", block);
                    json.writeObjectFieldStart("content_block");
                    start.write(json);
                    json.writeEndObject();
                });
    }

    private void piece(ByteSink out, Json.Body delta) {
        event(
                "content_block_delta",
                out,
                json -> {
                    json.writeNumberField("index", block);
                    json.writeObjectFieldStart("delta");
                    delta.write(json);
                    json.writeEndObject();
                });
    }

    private void close(ByteSink out) {
        if (open != NONE) {
            open = NONE;
            event("content_block_stop", out, json -> json.writeNumberField("index", block));
        }
    }

    private static void event(String type, ByteSink out, Json.Body fields) {
        byte[] data =
                Json.bytes(json -> {
                    json.writeStartObject();
                    json.writeStringField("type", type);
                    fields.write(json);
                    json.writeEndObject();
                });
        byte[] name = ("event: " + type + "\ndata: ").getBytes(StandardCharsets.US_ASCII);
        byte[] whole = new byte[name.length + data.length + 2];
        System.arraycopy(name, 0, whole, 0, name.length);
        System.arraycopy(data, 0, whole, name.length, data.length);
        whole[whole.length - 2] = '\n';
        whole[whole.length - 1] = '\n';
        out.write(whole, 0, whole.length);
    }
}
