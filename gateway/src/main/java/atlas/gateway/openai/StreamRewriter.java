package atlas.gateway.openai;

import atlas.gateway.openai.Answer.Call;
import atlas.gateway.openai.Answer.Usage;
import atlas.guard.OutputFilter;
import atlas.runtime.http.ByteSink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites an engine's event stream as it passes: each chunk is read, each text goes through its
 * own filter, and what may leave is written anew. Texts held back are flushed before the finish
 * reason of their choice. The {@link #ending} is never written here: it is the last byte, and the
 * caller writes it when the outcome is recorded. Not thread-safe; never blocks.
 */
public final class StreamRewriter {
    /** The end of a stream. */
    public static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

    private static final int MAX_EVENT_BYTES = 1 << 20;
    private static final String CONTENT_FILTER = "content_filter";

    private final Operation operation;
    private final boolean usageAsked;
    private final Transcript transcript;
    private final StreamWriter writer;
    private final SseReader reader = new SseReader(MAX_EVENT_BYTES, this::event);
    private final Map<Integer, Choice> choices = new TreeMap<>();
    private @Nullable Usage usage;
    private @Nullable ByteSink sink;
    private long pieces;
    private boolean done;

    /** One choice of the answer and its texts. */
    private static final class Choice {
        private final int index;
        private boolean begun;
        private @Nullable FilteredText content;
        private @Nullable FilteredText refusal;
        private @Nullable FilteredText reasoning;
        private final List<@Nullable FilteredText> calls = new ArrayList<>(0);
        private @Nullable String finishReason;

        Choice(int index) {
            this.index = index;
        }
    }

    /**
     * @param usageAsked whether the usage event is passed on
     * @param filters opens a filter session for each text
     * @param maxRecordedChars how much of what was let out is kept for the record
     */
    public StreamRewriter(
            AnswerHead head,
            boolean usageAsked,
            Supplier<OutputFilter.Session> filters,
            int maxRecordedChars) {
        this(head.operation(), new EventWriter(head), usageAsked, filters, maxRecordedChars);
    }

    /** The same in other words than OpenAI's. */
    public StreamRewriter(
            Operation operation,
            StreamWriter writer,
            boolean usageAsked,
            Supplier<OutputFilter.Session> filters,
            int maxRecordedChars) {
        this.operation = operation;
        this.usageAsked = usageAsked;
        this.transcript = new Transcript(filters, maxRecordedChars);
        this.writer = writer;
    }

    /** Takes bytes from the engine and writes what may leave now. */
    public void feed(byte[] bytes, int offset, int length, ByteSink out) throws BrokenAnswer {
        sink = out;
        try {
            reader.feed(bytes, offset, length);
        } finally {
            sink = null;
        }
    }

    /** Whether the engine said everything and said that it was everything. */
    public boolean complete() {
        return done && !choices.isEmpty() && everyChoiceEnded();
    }

    /** Whether the filter ended every choice, so that nothing more can leave. */
    public boolean stoppedByFilter() {
        return !choices.isEmpty()
                && choices.values().stream().allMatch(c -> CONTENT_FILTER.equals(c.finishReason));
    }

    /** Whether any text has left. */
    public boolean started() {
        return pieces > 0;
    }

    /**
     * What says that everything was said.
     *
     * @throws BrokenAnswer when it makes no sense now that all of it is here
     */
    public byte[] ending() throws BrokenAnswer {
        return writer.end(summary());
    }

    /** What the answer came to, as far as it went. */
    public AnswerSummary summary() {
        List<String> reasons = new ArrayList<>();
        for (Choice choice : choices.values()) {
            if (choice.finishReason != null) {
                reasons.add(choice.finishReason);
            }
        }
        var report = transcript.report();
        boolean filtered = reasons.contains(CONTENT_FILTER) || !report.findings().isEmpty();
        // An engine that was cut short has not counted; pieces are a lower bound of its tokens.
        long output = usage == null ? pieces : usage.completionTokens();
        long input = usage == null ? 0 : usage.promptTokens();
        return new AnswerSummary(
                reasons,
                transcript.toolCalls(),
                input,
                output,
                filtered,
                report,
                transcript.said());
    }

    private boolean everyChoiceEnded() {
        return choices.values().stream().allMatch(c -> c.finishReason != null);
    }

    private void event(byte[] bytes, int offset, int length) throws BrokenAnswer {
        if (done) {
            throw new BrokenAnswer("the engine went on after the end of its stream");
        }
        if (isDone(bytes, offset, length)) {
            done = true;
            return;
        }
        ByteSink out = java.util.Objects.requireNonNull(sink);
        Answer answer = AnswerReader.read(bytes, offset, length);
        for (Answer.Choice said : answer.choices) {
            choice(said, out);
        }
        if (answer.usage != null) {
            usage = answer.usage;
            // Some engines count in every chunk; the one that counts is the one without choices.
            if (usageAsked && answer.choices.isEmpty()) {
                Usage counted = answer.usage;
                writer.usage(
                        counted.promptTokens(),
                        counted.completionTokens(),
                        counted.totalTokens(),
                        out);
            }
        }
    }

    private static boolean isDone(byte[] bytes, int offset, int length) {
        return length == 6
                && bytes[offset] == '['
                && new String(bytes, offset, length, StandardCharsets.US_ASCII).equals("[DONE]");
    }

    private void choice(Answer.Choice said, ByteSink out) throws BrokenAnswer {
        if (said.index > 0 && writer.single()) {
            throw new BrokenAnswer("the engine gave several answers where one was asked for");
        }
        Choice choice = choices.computeIfAbsent(said.index, Choice::new);
        if (choice.finishReason != null) {
            return;
        }
        if (!choice.begun && operation == Operation.CHAT && said.speaks) {
            writer.role(choice.index, out);
            choice.begun = true;
        }
        if (said.reasoning != null && !said.reasoning.isEmpty() && !writer.single()) {
            choice.reasoning = opened(choice.reasoning, choice, "reasoning_content");
            piece(choice, choice.reasoning, said.reasoning, out);
        }
        if (said.content != null && !said.content.isEmpty()) {
            String field = operation == Operation.CHAT ? "content" : "text";
            choice.content = opened(choice.content, choice, field);
            piece(choice, choice.content, said.content, out);
        }
        if (said.refusal != null && !said.refusal.isEmpty()) {
            choice.refusal = opened(choice.refusal, choice, "refusal");
            piece(choice, choice.refusal, said.refusal, out);
        }
        for (Call call : said.calls) {
            call(choice, call, out);
        }
        if (said.finishReason != null && choice.finishReason == null) {
            flush(choice, out);
            end(choice, said.finishReason, out);
        }
    }

    private FilteredText opened(@Nullable FilteredText text, Choice choice, String field) {
        return text != null ? text : transcript.open("choices[" + choice.index + "]." + field);
    }

    private void call(Choice choice, Call call, ByteSink out) throws BrokenAnswer {
        if (choice.finishReason != null) {
            return;
        }
        String where = "choices[" + choice.index + "].tool_calls[" + call.index + "].function";
        while (choice.calls.size() <= call.index) {
            choice.calls.add(null);
        }
        FilteredText arguments = choice.calls.get(call.index);
        if (arguments == null) {
            if (call.name == null) {
                throw new BrokenAnswer("the engine called a tool without naming it");
            }
            String name = transcript.open(where + ".name").whole(call.name);
            writer.call(choice.index, call.index, name, out);
            arguments = transcript.open(where + ".arguments");
            choice.calls.set(call.index, arguments);
        }
        if (call.arguments != null && !call.arguments.isEmpty()) {
            piece(choice, arguments, call.arguments, out);
        }
    }

    private void piece(Choice choice, FilteredText text, String said, ByteSink out)
            throws BrokenAnswer {
        if (choice.finishReason != null) {
            return;
        }
        pieces++;
        write(choice, text, text.feed(said), out);
        if (text.blocked()) {
            end(choice, CONTENT_FILTER, out);
        }
    }

    private void flush(Choice choice, ByteSink out) throws BrokenAnswer {
        flush(choice, choice.reasoning, out);
        flush(choice, choice.content, out);
        flush(choice, choice.refusal, out);
        for (FilteredText arguments : choice.calls) {
            flush(choice, arguments, out);
        }
    }

    private void flush(Choice choice, @Nullable FilteredText text, ByteSink out)
            throws BrokenAnswer {
        if (text == null || choice.finishReason != null) {
            return;
        }
        write(choice, text, text.finish(), out);
        if (text.blocked()) {
            end(choice, CONTENT_FILTER, out);
        }
    }

    private void end(Choice choice, String reason, ByteSink out) {
        if (choice.finishReason == null) {
            choice.finishReason = reason;
            writer.finish(choice.index, reason, out);
        }
    }

    private void write(Choice choice, FilteredText text, String allowed, ByteSink out)
            throws BrokenAnswer {
        if (allowed.isEmpty()) {
            return;
        }
        String safe = Utf8.repaired(allowed);
        if (text == choice.content && operation == Operation.COMPLETION) {
            writer.text(choice.index, safe, out);
        } else if (text == choice.content) {
            writer.delta(choice.index, "content", safe, out);
        } else if (text == choice.reasoning) {
            writer.delta(choice.index, "reasoning_content", safe, out);
        } else if (text == choice.refusal) {
            writer.delta(choice.index, "refusal", safe, out);
        } else {
            writer.arguments(choice.index, choice.calls.indexOf(text), safe, out);
        }
    }
}
