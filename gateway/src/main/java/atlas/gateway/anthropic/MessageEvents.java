package atlas.gateway.anthropic;

import atlas.core.json.Json;
import atlas.gateway.openai.AnswerHead;
import atlas.gateway.openai.AnswerSummary;
import atlas.gateway.openai.BrokenAnswer;
import atlas.gateway.openai.OneAnswer;
import atlas.gateway.openai.StreamWriter;
import atlas.runtime.http.ByteSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a stream as the events of a message. Text leaves as it comes. Calls leave at the end, when
 * all of their arguments are here and known to be an object: blocks come one after another, and
 * engines may mix what they say. Not thread-safe.
 */
public final class MessageEvents implements StreamWriter {
    private static final int MOST_HELD = 4 << 20;

    private final AnswerHead head;
    private final long promptTokens;
    private boolean started;
    private final Map<Integer, String> names = new TreeMap<>();
    private final Map<Integer, StringBuilder> arguments = new TreeMap<>();
    private long heldChars;
    private int block = -1;
    private boolean open;
    private int calls;
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
        if (!open) {
            open(
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
        names.put(call, name);
    }

    @Override
    public void arguments(int choice, int call, String text, ByteSink out) throws BrokenAnswer {
        heldChars += text.length();
        if (heldChars > MOST_HELD) {
            throw new BrokenAnswer("the engine calls tools with too much");
        }
        arguments.computeIfAbsent(call, _ -> new StringBuilder()).append(text);
    }

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
    public boolean single() {
        return true;
    }

    @Override
    public byte[] end(AnswerSummary summary) throws BrokenAnswer {
        List<OneAnswer.Call> said = new ArrayList<>();
        names.forEach((call, name) ->
                said.add(
                        new OneAnswer.Call(
                                name,
                                arguments.getOrDefault(call, new StringBuilder()).toString())));
        boolean touched = !summary.report().findings().isEmpty();
        Ending ending = Ending.of(said, finishReason, touched);
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        for (OneAnswer.Call call : ending.calls()) {
            call(call, out::write);
        }
        event(
                "message_delta",
                out::write,
                json -> {
                    json.writeObjectFieldStart("delta");
                    json.writeStringField("stop_reason", ending.stopReason());
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

    private void call(OneAnswer.Call call, ByteSink out) {
        int number = calls++;
        open(
                out,
                json -> {
                    json.writeStringField("type", "tool_use");
                    json.writeStringField("id", MessageWriter.callId(head, number));
                    json.writeStringField("name", call.name());
                    json.writeObjectFieldStart("input");
                    json.writeEndObject();
                });
        piece(
                out,
                json -> {
                    json.writeStringField("type", "input_json_delta");
                    json.writeStringField("partial_json", call.arguments());
                });
        close(out);
    }

    private void open(ByteSink out, Json.Body start) {
        open = true;
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
        if (open) {
            open = false;
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
