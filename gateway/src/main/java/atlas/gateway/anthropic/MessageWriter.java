package atlas.gateway.anthropic;

import atlas.core.json.Json;
import atlas.gateway.openai.AnswerHead;
import atlas.gateway.openai.BrokenAnswer;
import atlas.gateway.openai.OneAnswer;
import com.fasterxml.jackson.core.JsonGenerator;
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
        Ending ending = Ending.of(answer.calls(), answer.finishReason(), answer.touched());
        List<OneAnswer.Call> calls = ending.calls();
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
            out.writeStringField("stop_reason", ending.stopReason());
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
        out.writeRawValue(call.arguments());
        out.writeEndObject();
    }

    static String id(AnswerHead head) {
        return "msg_" + head.requestId();
    }

    static String callId(AnswerHead head, int call) {
        return "toolu_" + head.requestId() + "_" + call;
    }
}
