package atlas.gateway.anthropic;

import atlas.core.json.Json;
import atlas.gateway.openai.AnswerHead;
import atlas.gateway.openai.BrokenAnswer;
import atlas.gateway.openai.OneAnswer;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;

/** Writes a whole answer as a message. */
public final class MessageWriter {
    private MessageWriter() {}

    /**
     * The body of the answer.
     *
     * @throws BrokenAnswer when the engine calls a tool with what is no JSON object
     */
    public static byte[] write(AnswerHead head, OneAnswer answer) throws BrokenAnswer {
        boolean callable = answer.calls().stream().allMatch(call -> isObject(input(call)));
        boolean cut = answer.touched() || answer.finishReason().equals("content_filter");
        if (!callable && !cut) {
            throw new BrokenAnswer("the engine called a tool with what is no JSON object");
        }
        // What the filter took may have been the end of an argument: such a call is none.
        List<OneAnswer.Call> calls = callable ? answer.calls() : List.of();
        String reason =
                callable
                        ? StopReason.of(answer.finishReason(), !calls.isEmpty())
                        : StopReason.REFUSAL;
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("id", id(head));
            out.writeStringField("type", "message");
            out.writeStringField("role", "assistant");
            out.writeStringField("model", head.model());
            out.writeArrayFieldStart("content");
            if (!answer.text().isEmpty()) {
                out.writeStartObject();
                out.writeStringField("type", "text");
                out.writeStringField("text", answer.text());
                out.writeEndObject();
            }
            for (int i = 0; i < calls.size(); i++) {
                call(callId(head, i), calls.get(i), out);
            }
            out.writeEndArray();
            out.writeStringField("stop_reason", reason);
            out.writeNullField("stop_sequence");
            out.writeObjectFieldStart("usage");
            out.writeNumberField("input_tokens", answer.inputTokens());
            out.writeNumberField("output_tokens", answer.outputTokens());
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    private static void call(String id, OneAnswer.Call call, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("type", "tool_use");
        out.writeStringField("id", id);
        out.writeStringField("name", call.name());
        out.writeFieldName("input");
        // Read a moment ago, to its end and strictly.
        out.writeRawValue(input(call));
        out.writeEndObject();
    }

    private static String input(OneAnswer.Call call) {
        return call.arguments().isBlank() ? "{}" : call.arguments();
    }

    private static boolean isObject(String json) {
        try (JsonParser in = Json.factory().createParser(json)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            in.skipChildren();
            return in.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    static String id(AnswerHead head) {
        return "msg_" + head.requestId();
    }

    static String callId(AnswerHead head, int call) {
        return "toolu_" + head.requestId() + "_" + call;
    }
}
