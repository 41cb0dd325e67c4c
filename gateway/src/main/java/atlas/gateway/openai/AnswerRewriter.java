package atlas.gateway.openai;

import atlas.core.json.Json;
import atlas.gateway.openai.Answer.Call;
import atlas.gateway.openai.Answer.Choice;
import atlas.gateway.openai.Answer.Usage;
import atlas.guard.OutputFilter;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Rewrites a whole answer: read once, every text filtered, written anew from what was read. */
public final class AnswerRewriter {
    /** What is sent and what it came to. */
    public record Rewritten(byte[] body, AnswerSummary summary) {}

    private final AnswerHead head;
    private final Transcript transcript;
    private final List<String> reasons = new ArrayList<>(1);

    private AnswerRewriter(
            AnswerHead head, Supplier<OutputFilter.Session> filters, int maxRecordedChars) {
        this.head = head;
        this.transcript = new Transcript(filters, maxRecordedChars);
    }

    /** Rewrites the body of a chat or a completion. */
    public static Rewritten rewrite(
            AnswerHead head,
            byte[] body,
            Supplier<OutputFilter.Session> filters,
            int maxRecordedChars)
            throws BrokenAnswer {
        Answer answer = AnswerReader.read(body, 0, body.length);
        if (answer.choices.isEmpty()) {
            throw new BrokenAnswer("the engine's answer has no choices");
        }
        return new AnswerRewriter(head, filters, maxRecordedChars).rewrite(answer);
    }

    /** Rewrites the body of a chat that was asked for one answer, in other words than OpenAI's. */
    public static Rewritten rewrite(
            AnswerHead head,
            byte[] body,
            Supplier<OutputFilter.Session> filters,
            int maxRecordedChars,
            OneAnswer.Form form)
            throws BrokenAnswer {
        Answer answer = AnswerReader.read(body, 0, body.length);
        if (answer.choices.size() != 1) {
            throw new BrokenAnswer("the engine's answer is not the one that was asked for");
        }
        // It has no place in such an answer, so it neither leaves nor is recorded.
        answer.choices.getFirst().reasoning = null;
        return new AnswerRewriter(head, filters, maxRecordedChars).rewrite(answer, form);
    }

    private Rewritten rewrite(Answer answer) throws BrokenAnswer {
        for (Choice choice : answer.choices) {
            filter(choice);
        }
        return rewritten(answer, Json.bytes(out -> write(answer, out)));
    }

    private Rewritten rewrite(Answer answer, OneAnswer.Form form) throws BrokenAnswer {
        Choice choice = answer.choices.getFirst();
        filter(choice);
        Usage usage = answer.usage == null ? new Usage(0, 0, 0) : answer.usage;
        List<OneAnswer.Call> calls = new ArrayList<>();
        for (Call call : choice.calls) {
            calls.add(
                    new OneAnswer.Call(String.valueOf(call.name), String.valueOf(call.arguments)));
        }
        String content = choice.content == null ? "" : choice.content;
        String refusal = choice.refusal == null ? "" : choice.refusal;
        OneAnswer one =
                new OneAnswer(
                        content + refusal,
                        calls,
                        String.valueOf(choice.finishReason),
                        !transcript.report().findings().isEmpty(),
                        usage.promptTokens(),
                        usage.completionTokens());
        return rewritten(answer, form.write(one));
    }

    private Rewritten rewritten(Answer answer, byte[] body) {
        var report = transcript.report();
        boolean filtered = reasons.contains("content_filter") || !report.findings().isEmpty();
        Usage usage = answer.usage == null ? new Usage(0, 0, 0) : answer.usage;
        return new Rewritten(
                body,
                new AnswerSummary(
                        reasons,
                        transcript.toolCalls(),
                        usage.promptTokens(),
                        usage.completionTokens(),
                        filtered,
                        report,
                        transcript.said()));
    }

    private void filter(Choice choice) throws BrokenAnswer {
        String at = "choices[" + choice.index + "].";
        String field = head.operation() == Operation.CHAT ? at + "message." : at;
        String name = head.operation() == Operation.CHAT ? "content" : "text";
        boolean blocked = false;
        if (choice.reasoning != null) {
            FilteredText text = transcript.open(field + "reasoning_content");
            choice.reasoning = Utf8.repaired(text.whole(choice.reasoning));
            blocked |= text.blocked();
        }
        if (choice.content != null) {
            FilteredText text = transcript.open(field + name);
            choice.content = Utf8.repaired(text.whole(choice.content));
            blocked |= text.blocked();
        }
        if (choice.refusal != null) {
            FilteredText text = transcript.open(field + "refusal");
            choice.refusal = Utf8.repaired(text.whole(choice.refusal));
            blocked |= text.blocked();
        }
        for (Call call : choice.calls) {
            blocked |= filter(call, field + "tool_calls[" + call.index + "].function.");
        }
        if (blocked) {
            choice.finishReason = "content_filter";
        } else if (choice.finishReason == null) {
            throw new BrokenAnswer("the engine's answer does not say why it ended");
        }
        reasons.add(choice.finishReason);
    }

    private boolean filter(Call call, String at) throws BrokenAnswer {
        if (call.name == null) {
            throw new BrokenAnswer("the engine called a tool without naming it");
        }
        FilteredText name = transcript.open(at + "name");
        call.name = Utf8.repaired(name.whole(call.name));
        FilteredText arguments = transcript.open(at + "arguments");
        String said = call.arguments == null ? "" : call.arguments;
        call.arguments = Utf8.repaired(arguments.whole(said));
        return name.blocked() || arguments.blocked();
    }

    private void write(Answer answer, JsonGenerator out) throws IOException {
        boolean chat = head.operation() == Operation.CHAT;
        out.writeStartObject();
        out.writeStringField("id", head.id());
        out.writeStringField("object", chat ? "chat.completion" : "text_completion");
        out.writeNumberField("created", head.created());
        out.writeStringField("model", head.model());
        out.writeArrayFieldStart("choices");
        for (Choice choice : answer.choices) {
            out.writeStartObject();
            out.writeNumberField("index", choice.index);
            if (chat) {
                message(choice, out);
            } else {
                out.writeStringField("text", choice.content == null ? "" : choice.content);
            }
            out.writeNullField("logprobs");
            out.writeStringField("finish_reason", choice.finishReason);
            out.writeEndObject();
        }
        out.writeEndArray();
        if (answer.usage != null) {
            usage(answer.usage, out);
        }
        out.writeEndObject();
    }

    private void message(Choice choice, JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("message");
        out.writeStringField("role", "assistant");
        field("content", choice.content, out);
        field("refusal", choice.refusal, out);
        if (choice.reasoning != null) {
            out.writeStringField("reasoning_content", choice.reasoning);
        }
        if (!choice.calls.isEmpty()) {
            out.writeArrayFieldStart("tool_calls");
            for (Call call : choice.calls) {
                out.writeStartObject();
                out.writeStringField("id", head.callId(choice.index, call.index));
                out.writeStringField("type", "function");
                out.writeObjectFieldStart("function");
                out.writeStringField("name", call.name);
                out.writeStringField("arguments", call.arguments);
                out.writeEndObject();
                out.writeEndObject();
            }
            out.writeEndArray();
        }
        out.writeEndObject();
    }

    private static void field(String name, @Nullable String text, JsonGenerator out)
            throws IOException {
        if (text == null) {
            out.writeNullField(name);
        } else {
            out.writeStringField(name, text);
        }
    }

    static void usage(Usage usage, JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("usage");
        out.writeNumberField("prompt_tokens", usage.promptTokens());
        out.writeNumberField("completion_tokens", usage.completionTokens());
        out.writeNumberField("total_tokens", usage.totalTokens());
        out.writeEndObject();
    }
}
