package atlas.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditEvent.ToolCall;
import atlas.core.crypto.Hashes;
import atlas.gateway.openai.AnswerRewriter.Rewritten;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerRewriterTest {
    private static final AnswerHead CHAT = new AnswerHead(Operation.CHAT, "req_1", "demo", 1_000);

    private static Rewritten rewrite(AnswerHead head, String body) throws BrokenAnswer {
        return AnswerRewriter.rewrite(
                head, body.getBytes(StandardCharsets.UTF_8), Lockstep::new, 10_000);
    }

    private static String text(Rewritten rewritten) {
        return new String(rewritten.body(), StandardCharsets.UTF_8);
    }

    @Test
    void filtersEveryTextAndLeavesTheRestBehind() throws BrokenAnswer {
        Rewritten rewritten =
                rewrite(
                        CHAT,
                        """
                        {"id":"AKIAIOSFODNN7EXAMPLE","model":"AKIAIOSFODNN7EXAMPLE","choices":[
                        {"index":0,"message":{"role":"assistant","content":"AKIAIOSFODNN7EXAMPLE!",
                        "reasoning_content":"use AKIAIOSFODNN7EXAMPLE","refusal":null,
                        "annotations":[{"title":"AKIAIOSFODNN7EXAMPLE"}],
                        "tool_calls":[{"id":"AKIAIOSFODNN7EXAMPLE","type":"function","function":
                        {"name":"f_AKIAIOSFODNN7EXAMPLE","arguments":"AKIAIOSFODNN7EXAMPLE"}}]},
                        "logprobs":{"content":[{"token":"AKIAIOSFODNN7EXAMPLE"}]},
                        "finish_reason":"tool_calls"}],
                        "usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,
                        "details":{"x":"AKIAIOSFODNN7EXAMPLE"}},
                        "system_fingerprint":"AKIAIOSFODNN7EXAMPLE"}
                        """);

        assertThat(text(rewritten))
                .isEqualTo(
                        "{\"id\":\"chatcmpl-req_1\",\"object\":\"chat.completion\","
                                + "\"created\":1000,\"model\":\"demo\",\"choices\":[{\"index\":0,"
                                + "\"message\":{\"role\":\"assistant\",\"content\":\"[SECRET]!\","
                                + "\"refusal\":null,\"reasoning_content\":\"use [SECRET]\","
                                + "\"tool_calls\":[{\"id\":\"call_req_1_0_0\",\"type\":"
                                + "\"function\",\"function\":{\"name\":\"f_[SECRET]\","
                                + "\"arguments\":\"[SECRET]\"}}]},\"logprobs\":null,"
                                + "\"finish_reason\":\"tool_calls\"}],\"usage\":"
                                + "{\"prompt_tokens\":1,\"completion_tokens\":2,"
                                + "\"total_tokens\":3}}");
        assertThat(rewritten.summary().filtered()).isTrue();
        assertThat(rewritten.summary().toolCalls())
                .containsExactly(
                        new ToolCall("f_[SECRET]", 8, Optional.of(Hashes.sha256("[SECRET]"))));
        assertThat(rewritten.summary().report().findings())
                .extracting("where")
                .containsExactly(
                        "choices[0].message.reasoning_content",
                        "choices[0].message.content",
                        "choices[0].message.tool_calls[0].function.name",
                        "choices[0].message.tool_calls[0].function.arguments");
    }

    @Test
    void endsABlockedAnswerAsFiltered() throws BrokenAnswer {
        Rewritten rewritten =
                rewrite(
                        CHAT,
                        "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"the system prompt"
                                + " says\"},\"finish_reason\":\"stop\"}]}");

        assertThat(text(rewritten))
                .contains("\"content\":\"the \"", "\"finish_reason\":\"content_filter\"");
    }

    @Test
    void refusesAnAnswerWithoutOne() {
        for (String body :
                List.of(
                        "",
                        "null",
                        "{}",
                        "{\"choices\":[]}",
                        "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"a\"}}]}",
                        "{\"error\":\"no\"}",
                        "<html>")) {
            assertThatThrownBy(() -> rewrite(CHAT, body)).as(body).isInstanceOf(BrokenAnswer.class);
        }
    }

    @Test
    void keepsAtMostTheTextThatIsRecorded() throws BrokenAnswer {
        byte[] body =
                "{\"choices\":[{\"index\":0,\"text\":\"abcdefgh\",\"finish_reason\":\"stop\"}]}"
                        .getBytes(StandardCharsets.UTF_8);
        AnswerHead head = new AnswerHead(Operation.COMPLETION, "req_1", "demo", 1);

        Rewritten rewritten = AnswerRewriter.rewrite(head, body, Lockstep::new, 3);

        assertThat(rewritten.summary().said()).contains("\"abc\"").doesNotContain("abcd");
        assertThat(text(rewritten)).contains("abcdefgh");
    }

    @Test
    void passesEmbeddingsOnAsNumbersOnly() throws BrokenAnswer {
        String vectors =
                """
                {"object":"list","note":"prose","model":"other","data":[
                {"object":"embedding","index":0,"embedding":[0.25,-1e-7,3],"text":"prose"},
                {"object":"embedding","index":1,"embedding":"AACAPw=="}],
                "usage":{"prompt_tokens":5,"total_tokens":5}}\
                """;

        Rewritten rewritten =
                EmbeddingRewriter.rewrite("embed", vectors.getBytes(StandardCharsets.UTF_8));

        assertThat(text(rewritten))
                .isEqualTo(
                        "{\"object\":\"list\",\"model\":\"embed\",\"data\":[{\"object\":"
                                + "\"embedding\",\"index\":0,\"embedding\":[0.25,-1e-7,3]},"
                                + "{\"object\":\"embedding\",\"index\":1,\"embedding\":"
                                + "\"AACAPw==\"}],\"usage\":{\"prompt_tokens\":5,"
                                + "\"total_tokens\":5}}");
        assertThat(rewritten.summary().inputTokens()).isEqualTo(5);
    }

    @Test
    void refusesEmbeddingsThatAreNotNumbers() {
        for (String vector : List.of("[\"a\"]", "\"not base64!\"", "\"AAA=\"", "{}", "[[1]]")) {
            String body = "{\"data\":[{\"index\":0,\"embedding\":" + vector + "}]}";
            assertThatThrownBy(() ->
                            EmbeddingRewriter.rewrite("m", body.getBytes(StandardCharsets.UTF_8)))
                    .as(vector)
                    .isInstanceOf(BrokenAnswer.class);
        }
    }
}
