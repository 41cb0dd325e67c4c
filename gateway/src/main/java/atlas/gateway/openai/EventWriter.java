package atlas.gateway.openai;

import atlas.runtime.http.ByteSink;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the events of one stream. The frame of an event is the same bytes every time, so it is
 * made once and only texts are encoded.
 */
final class EventWriter implements StreamWriter {
    private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();
    private static final byte[] DELTA = ascii(",\"delta\":{");
    private static final byte[] DELTA_END = ascii("},\"finish_reason\":null}]}\n\n");
    private static final byte[] TEXT = ascii(",\"text\":\"");
    private static final byte[] TEXT_END =
            ascii("\",\"logprobs\":null,\"finish_reason\":null}]}\n\n");

    private final AnswerHead head;
    private final byte[] frame;
    private byte[] buffer = new byte[512];
    private int length;

    EventWriter(AnswerHead head) {
        this.head = head;
        boolean chat = head.operation() == Operation.CHAT;
        this.frame =
                ("data: {\"id\":\""
                                + head.id()
                                + "\",\"object\":\""
                                + (chat ? "chat.completion.chunk" : "text_completion")
                                + "\",\"created\":"
                                + head.created()
                                + ",\"model\":\""
                                + new String(ENCODER.quoteAsString(head.model()))
                                + "\",\"choices\":[")
                        .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void role(int choice, ByteSink out) {
        begin(choice);
        put(DELTA);
        put(ascii("\"role\":\"assistant\",\"content\":\"\""));
        put(DELTA_END);
        send(out);
    }

    @Override
    public void delta(int choice, String field, String text, ByteSink out) {
        begin(choice);
        put(DELTA);
        quoted(field);
        put(':');
        quoted(text);
        put(DELTA_END);
        send(out);
    }

    @Override
    public void text(int choice, String text, ByteSink out) {
        begin(choice);
        put(TEXT);
        put(ENCODER.quoteAsUTF8(text));
        put(TEXT_END);
        send(out);
    }

    @Override
    public void call(int choice, int call, String name, ByteSink out) {
        begin(choice);
        put(DELTA);
        put(ascii("\"tool_calls\":[{\"index\":" + call + ",\"id\":"));
        quoted(head.callId(choice, call));
        put(ascii(",\"type\":\"function\",\"function\":{\"name\":"));
        quoted(name);
        put(ascii(",\"arguments\":\"\"}}]"));
        put(DELTA_END);
        send(out);
    }

    @Override
    public void arguments(int choice, int call, String text, ByteSink out) {
        begin(choice);
        put(DELTA);
        put(ascii("\"tool_calls\":[{\"index\":" + call + ",\"function\":{\"arguments\":"));
        quoted(text);
        put(ascii("}}]"));
        put(DELTA_END);
        send(out);
    }

    @Override
    public void finish(int choice, String reason, ByteSink out) {
        begin(choice);
        boolean chat = head.operation() == Operation.CHAT;
        put(ascii(chat ? ",\"delta\":{}" : ",\"text\":\"\",\"logprobs\":null"));
        put(ascii(",\"finish_reason\":\"" + reason + "\"}]}\n\n"));
        send(out);
    }

    /** In an event without choices, last before the end. */
    @Override
    public void usage(long prompt, long completion, long total, ByteSink out) {
        put(frame);
        put(
                ascii(
                        "],\"usage\":{\"prompt_tokens\":"
                                + prompt
                                + ",\"completion_tokens\":"
                                + completion
                                + ",\"total_tokens\":"
                                + total
                                + "}}\n\n"));
        send(out);
    }

    @Override
    public boolean single() {
        return false;
    }

    @Override
    public byte[] end(AnswerSummary summary) {
        return StreamRewriter.DONE.clone();
    }

    private void begin(int choice) {
        put(frame);
        put(ascii("{\"index\":" + choice));
    }

    private void quoted(String text) {
        put('"');
        put(ENCODER.quoteAsUTF8(text));
        put('"');
    }

    private void put(char c) {
        put(new byte[] {(byte) c});
    }

    private void put(byte[] bytes) {
        if (length + bytes.length > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(length + bytes.length, 2 * buffer.length));
        }
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
    }

    private void send(ByteSink out) {
        out.write(buffer, 0, length);
        length = 0;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
