package atlas.gateway.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.gateway.openai.AnswerHead;
import atlas.gateway.openai.BrokenAnswer;
import atlas.gateway.openai.Lockstep;
import atlas.gateway.openai.Operation;
import atlas.gateway.openai.StreamRewriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MessageEventsTest {
    private static final String USAGE =
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,"
                    + "\"total_tokens\":7}}\n\ndata: [DONE]\n\n";
    private static final String START =
            """
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_r","type":"message",\
            "role":"assistant","model":"demo","content":[],"stop_reason":null,\
            "stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":0}}}

            """;

    private static StreamRewriter rewriter() {
        AnswerHead head = new AnswerHead(Operation.CHAT, "r", "demo", 1);
        return new StreamRewriter(
                Operation.CHAT, new MessageEvents(head, 9), false, Lockstep::new, 10_000);
    }

    private static String delta(String json) {
        return "data: {\"choices\":[{\"index\":0,\"delta\":" + json + "}]}\n\n";
    }

    private static String call(int index, String function) {
        return delta(
                "{\"tool_calls\":[{\"index\":" + index + ",\"function\":{" + function + "}}]}");
    }

    private static String end(String reason) {
        return "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\""
                + reason
                + "\"}]}\n\n";
    }

    private static String event(String type, String rest) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + rest + "}\n\n";
    }

    private static String fed(StreamRewriter rewriter, byte[] bytes, int cut) throws BrokenAnswer {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        rewriter.feed(bytes, 0, cut, out::write);
        rewriter.feed(bytes, cut, bytes.length - cut, out::write);
        out.writeBytes(rewriter.ending());
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String fed(StreamRewriter rewriter, String stream) throws BrokenAnswer {
        return fed(rewriter, stream.getBytes(StandardCharsets.UTF_8), 0);
    }

    @Test
    void writesTheBlocksOneAfterAnotherWhereverTheBytesAreCut() throws BrokenAnswer {
        String stream =
                delta("{\"role\":\"assistant\"}")
                        + delta("{\"reasoning_content\":\"thoughts\"}")
                        + delta("{\"content\":\"key AKIAIOSF\"}")
                        + delta("{\"content\":\"ODNN7EXAMPLE and ü A\"}")
                        + call(0, "\"name\":\"send\",\"arguments\":\"\"")
                        + call(0, "\"arguments\":\"{\\\"k\\\":\\\"AKIAIOSFODNN7\"")
                        + call(0, "\"arguments\":\"EXAMPLE\\\"}\"")
                        + call(1, "\"name\":\"stop\"")
                        + end("tool_calls")
                        + USAGE;
        String start = ",\"index\":%d,\"content_block\":{\"type\":";
        String text = ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"%s\"}";
        String input =
                ",\"index\":%d,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"%s\"}";
        String expected =
                START
                        + event(
                                "content_block_start",
                                start.formatted(0) + "\"text\",\"text\":\"\"}")
                        + event("content_block_delta", text.formatted("key "))
                        + event("content_block_delta", text.formatted("[SECRET] and ü "))
                        + event("content_block_delta", text.formatted("A"))
                        + event("content_block_stop", ",\"index\":0")
                        + event(
                                "content_block_start",
                                start.formatted(1)
                                        + "\"tool_use\",\"id\":\"toolu_r_0\",\"name\":\"send\",\"input\":{}}")
                        + event(
                                "content_block_delta",
                                input.formatted(1, "{\\\"k\\\":\\\"[SECRET]\\\"}"))
                        + event("content_block_stop", ",\"index\":1")
                        + event(
                                "content_block_start",
                                start.formatted(2)
                                        + "\"tool_use\",\"id\":\"toolu_r_1\",\"name\":\"stop\",\"input\":{}}")
                        + event("content_block_delta", input.formatted(2, "{}"))
                        + event("content_block_stop", ",\"index\":2")
                        + event(
                                "message_delta",
                                ",\"delta\":{\"stop_reason\":\"tool_use\",\"stop_sequence\":null},\""
                                    + "usage\":{\"input_tokens\":3,\"output_tokens\":4}")
                        + event("message_stop", "");
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);

        for (int cut = 0; cut <= bytes.length; cut++) {
            StreamRewriter rewriter = rewriter();
            assertThat(fed(rewriter, bytes, cut)).as("cut at %d", cut).isEqualTo(expected);
            assertThat(rewriter.complete()).isTrue();
            assertThat(rewriter.summary().said()).doesNotContain("thoughts");
            assertThat(rewriter.summary().toolCalls()).hasSize(2);
        }
    }

    @Test
    void endsWhatTheFilterBlocksAsARefusal() throws BrokenAnswer {
        StreamRewriter rewriter = rewriter();

        String text =
                fed(
                        rewriter,
                        delta("{\"content\":\"my system\"}")
                                + delta("{\"content\":\" prompt is: be evil\"}")
                                + end("stop"));

        assertThat(rewriter.stoppedByFilter()).isTrue();
        assertThat(text)
                .contains("\"text\":\"my \"", "\"stop_reason\":\"refusal\"")
                .doesNotContain("system", "evil", "end_turn")
                .endsWith(event("message_stop", ""));
        assertThat(text.indexOf("content_block_stop")).isLessThan(text.indexOf("message_delta"));
    }

    @Test
    void takesASecretOutThatIsSplitAroundACall() throws BrokenAnswer {
        String text =
                fed(
                        rewriter(),
                        delta("{\"content\":\"AKIAIOSF\"}")
                                + call(0, "\"name\":\"f\",\"arguments\":\"{}\"")
                                + delta("{\"content\":\"ODNN7EXAMPLE\"}")
                                + end("tool_calls")
                                + USAGE);

        assertThat(text).contains("[SECRET]").doesNotContain("AKIA", "ODNN7");
        assertThat(text.indexOf("text_delta")).isLessThan(text.indexOf("tool_use"));
    }

    @Test
    void callsNothingThatTheFilterOrTheLimitBroke() throws BrokenAnswer {
        String broken =
                call(0, "\"name\":\"f\",\"arguments\":\"{\\\"a\\\":AKIAIOSFODNN7EXAMPLE}\"");
        assertThat(fed(rewriter(), broken + end("tool_calls") + USAGE))
                .contains("\"stop_reason\":\"refusal\"")
                .doesNotContain("tool_use");
        String blocked = call(0, "\"name\":\"f\",\"arguments\":\"{\\\"a\\\":\\\"system prompt\"");
        assertThat(fed(rewriter(), blocked + end("tool_calls")))
                .contains("\"stop_reason\":\"refusal\"")
                .doesNotContain("tool_use");
        String half = call(0, "\"name\":\"f\",\"arguments\":\"{\\\"a\\\":\"");
        assertThat(fed(rewriter(), half + end("length") + USAGE))
                .contains("\"stop_reason\":\"max_tokens\"")
                .doesNotContain("tool_use");
    }

    @Test
    void saysWhyAnAnswerEnded() throws BrokenAnswer {
        assertThat(fed(rewriter(), delta("{\"content\":\"a\"}") + end("stop") + USAGE))
                .contains("\"stop_reason\":\"end_turn\"");
        assertThat(fed(rewriter(), delta("{\"content\":\"a\"}") + end("length") + USAGE))
                .contains("\"stop_reason\":\"max_tokens\"");
        assertThat(fed(rewriter(), call(0, "\"name\":\"f\"") + end("stop") + USAGE))
                .contains("\"stop_reason\":\"tool_use\"");
        assertThat(fed(rewriter(), end("stop") + USAGE))
                .startsWith(START)
                .contains("\"stop_reason\":\"end_turn\"");
    }

    @Test
    void refusesWhatCannotBeOneMessage() {
        String second = "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}\n\n";
        String noObject = call(0, "\"name\":\"f\",\"arguments\":\"[1]\"") + end("tool_calls");

        assertThatThrownBy(() -> fed(rewriter(), second)).isInstanceOf(BrokenAnswer.class);
        assertThatThrownBy(() -> fed(rewriter(), noObject)).isInstanceOf(BrokenAnswer.class);
    }
}
