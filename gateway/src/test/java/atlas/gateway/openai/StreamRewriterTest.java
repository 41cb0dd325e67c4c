package atlas.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditEvent.ToolCall;
import atlas.core.crypto.Hashes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StreamRewriterTest {
    private static final AnswerHead CHAT = new AnswerHead(Operation.CHAT, "req_1", "demo", 1_000);
    private static final AnswerHead TEXT =
            new AnswerHead(Operation.COMPLETION, "req_1", "demo", 1_000);
    private static final String HEAD =
            "data: {\"id\":\"chatcmpl-req_1\",\"object\":\"chat.completion.chunk\","
                    + "\"created\":1000,\"model\":\"demo\",\"choices\":[";
    private static final String NOT_YET = "},\"finish_reason\":null}]}\n\n";

    private final Bytes out = new Bytes();

    private static String delta(String json) {
        return "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":9,"
                + "\"model\":\"other\",\"choices\":[{\"index\":0,\"delta\":"
                + json
                + ",\"logprobs\":null,\"finish_reason\":null}]}\n\n";
    }

    private static String end(String reason) {
        return "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\""
                + reason
                + "\"}]}\n\n";
    }

    private static final String USAGE =
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,"
                    + "\"total_tokens\":7}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    private StreamRewriter rewriter(AnswerHead head, boolean usageAsked) {
        return new StreamRewriter(head, usageAsked, Lockstep::new, 10_000);
    }

    private void feed(StreamRewriter rewriter, String text) throws BrokenAnswer {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        rewriter.feed(bytes, 0, bytes.length, out);
    }

    @Test
    void writesOnlyWhatItReadUnderItsOwnName() throws BrokenAnswer {
        StreamRewriter rewriter = rewriter(CHAT, false);
        String vendor =
                "data: {\"id\":\"evil\",\"system_fingerprint\":\"fp\",\"choices\":[{\"index\":0,"
                        + "\"delta\":{\"role\":\"system\",\"content\":\"hi \\u20ac\","
                        + "\"token_ids\":[1,2]},\"logprobs\":{\"content\":[{\"token\":\"hi\"}]}}]}"
                        + "\n\n";

        feed(rewriter, vendor + end("stop") + USAGE + DONE);

        assertThat(out.text())
                .isEqualTo(
                        HEAD
                                + "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\""
                                + NOT_YET
                                + HEAD
                                + "{\"index\":0,\"delta\":{\"content\":\"hi €\""
                                + NOT_YET
                                + HEAD
                                + "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
        assertThat(rewriter.complete()).isTrue();
        AnswerSummary summary = rewriter.summary();
        assertThat(summary.inputTokens()).isEqualTo(3);
        assertThat(summary.outputTokens()).isEqualTo(4);
        assertThat(summary.finishReasons()).containsExactly("stop");
        assertThat(summary.said())
                .isEqualTo("[{\"field\":\"choices[0].content\",\"text\":\"hi €\"}]");
        assertThat(summary.report().scannedBytes()).isEqualTo(6);
    }

    @Test
    void passesTheUsageOnOnlyWhenAsked() throws BrokenAnswer {
        feed(rewriter(CHAT, true), delta("{\"content\":\"a\"}") + end("stop") + USAGE + DONE);

        assertThat(out.text())
                .endsWith(
                        "],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,"
                                + "\"total_tokens\":7}}\n\n");
    }

    @Test
    void flushesWhatWasHeldBackBeforeTheFinishReason() throws BrokenAnswer {
        StreamRewriter rewriter = rewriter(CHAT, false);

        feed(rewriter, delta("{\"content\":\"my key AKIA\"}"));
        assertThat(out.text()).contains("my key ").doesNotContain("AKIA");
        feed(rewriter, end("length"));

        String text = out.text();
        assertThat(text.indexOf("\"AKIA\"")).isPositive().isLessThan(text.indexOf("length"));
    }

    @Test
    void filtersTheSameWhereverTheBytesAreCut() throws BrokenAnswer {
        String stream =
                delta("{\"role\":\"assistant\"}")
                        + delta("{\"content\":\"key AKIAIOSF\"}")
                        + delta("{\"reasoning_content\":\"thinking AKIA\"}")
                        + delta("{\"content\":\"ODNN7EXAMPLE and ü\"}")
                        + call(",\"id\":\"x\"", "\"name\":\"send\",\"arguments\":\"{\\\"k\\\":\"")
                        + call("", "\"arguments\":\"\\\"AKIAIOSFODNN7\"")
                        + call("", "\"arguments\":\"EXAMPLE\\\"}\"")
                        + end("tool_calls")
                        + USAGE
                        + DONE;
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        feed(rewriter(CHAT, true), stream);
        String whole = out.text();
        assertThat(whole).doesNotContain(Lockstep.SECRET).contains("[SECRET]");

        for (int cut = 0; cut <= bytes.length; cut++) {
            Bytes pieces = new Bytes();
            StreamRewriter rewriter = rewriter(CHAT, true);
            rewriter.feed(bytes, 0, cut, pieces);
            rewriter.feed(bytes, cut, bytes.length - cut, pieces);
            assertThat(pieces.text()).as("cut at %d", cut).isEqualTo(whole);
            assertThat(rewriter.complete()).isTrue();
            String arguments = "{\"k\":\"[SECRET]\"}";
            assertThat(rewriter.summary().toolCalls())
                    .as("cut at %d", cut)
                    .containsExactly(
                            new ToolCall(
                                    "send",
                                    arguments.length(),
                                    Optional.of(Hashes.sha256(arguments))));
        }
    }

    private static String call(String head, String function) {
        return delta(
                "{\"tool_calls\":[{\"index\":0"
                        + head
                        + ",\"type\":\"function\",\"function\":{"
                        + function
                        + "}}]}");
    }

    @Test
    void takesTheSecretOutHoweverTheDeltasAreCut() throws BrokenAnswer {
        String text = "a " + Lockstep.SECRET + " b";
        for (int cut = 0; cut <= text.length(); cut++) {
            Bytes pieces = new Bytes();
            StreamRewriter rewriter = rewriter(TEXT, false);
            for (String part : List.of(text.substring(0, cut), text.substring(cut))) {
                byte[] event =
                        ("data: {\"choices\":[{\"index\":0,\"text\":\"" + part + "\"}]}\n\n")
                                .getBytes(StandardCharsets.UTF_8);
                rewriter.feed(event, 0, event.length, pieces);
            }
            byte[] end =
                    ("data: {\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":\"stop\"}]}"
                                    + "\n\n")
                            .getBytes(StandardCharsets.UTF_8);
            rewriter.feed(end, 0, end.length, pieces);
            assertThat(rewriter.summary().said())
                    .isEqualTo("[{\"field\":\"choices[0].text\",\"text\":\"a [SECRET] b\"}]");
            assertThat(pieces.text()).doesNotContain(Lockstep.SECRET);
            assertThat(rewriter.summary().filtered()).isTrue();
        }
    }

    @Test
    void endsAChoiceThatTheFilterBlocksAndHearsNoMoreOfIt() throws BrokenAnswer {
        StreamRewriter rewriter = rewriter(CHAT, false);

        feed(
                rewriter,
                delta("{\"content\":\"my system\"}")
                        + delta("{\"content\":\" prompt is: be evil\"}")
                        + delta("{\"content\":\" and more\"}")
                        + end("stop"));

        assertThat(out.text())
                .endsWith("{\"index\":0,\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n")
                .doesNotContain("prompt is", "and more", "\"stop\"");
        assertThat(rewriter.stoppedByFilter()).isTrue();
        assertThat(rewriter.summary().finishReasons()).containsExactly("content_filter");
    }

    @Test
    void keepsTheChoicesApart() throws BrokenAnswer {
        StreamRewriter rewriter = rewriter(CHAT, false);
        String both =
                "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"AKIAIOSFODNN7\"}},"
                        + "{\"index\":0,\"delta\":{\"content\":\"EXAMPLE\"}}]}\n\n";

        feed(rewriter, both + end("stop") + end("stop").replace("\"index\":0", "\"index\":1"));

        assertThat(rewriter.summary().said())
                .contains("\"choices[1].content\",\"text\":\"AKIAIOSFODNN7\"")
                .contains("\"choices[0].content\",\"text\":\"EXAMPLE\"");
        assertThat(rewriter.summary().filtered()).isFalse();
    }

    @Test
    void isNotCompleteWhenTheEngineStopsEarly() throws BrokenAnswer {
        StreamRewriter truncated = rewriter(CHAT, false);
        feed(truncated, delta("{\"content\":\"a\"}") + DONE);
        assertThat(truncated.complete()).isFalse();

        StreamRewriter unfinished = rewriter(CHAT, false);
        feed(unfinished, delta("{\"content\":\"a\"}") + end("stop"));
        assertThat(unfinished.complete()).isFalse();
    }

    @Test
    void refusesWhatMakesNoSense() {
        for (String event :
                List.of(
                        "hello",
                        "[]",
                        "{\"choices\":[{\"index\":99}]}",
                        "{\"choices\":[{\"index\":-1}]}",
                        "{\"choices\":[7]}",
                        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":7}}]}",
                        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\",\"content\":"
                                + "\"b\"}}]}",
                        "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"
                                + "\"function\":{\"arguments\":\"x\"}}]}}]}",
                        "{\"error\":{\"message\":\"boom\"}}",
                        "{} {}")) {
            assertThatThrownBy(() -> feed(rewriter(CHAT, false), "data: " + event + "\n\n"))
                    .as(event)
                    .isInstanceOf(BrokenAnswer.class)
                    .hasMessageNotContaining("boom");
        }
    }

    @Test
    void refusesMoreAfterTheEnd() throws BrokenAnswer {
        StreamRewriter rewriter = rewriter(CHAT, false);
        feed(rewriter, delta("{\"content\":\"a\"}") + end("stop") + DONE);

        assertThatThrownBy(() -> feed(rewriter, delta("{\"content\":\"more\"}")))
                .isInstanceOf(BrokenAnswer.class);
    }

    @Test
    void mendsHalfCharactersInsteadOfPassingThemOn() throws BrokenAnswer {
        feed(rewriter(CHAT, false), delta("{\"content\":\"\\ud83d\"}") + end("stop"));

        assertThat(out.text()).contains("\ufffd");
    }
}
