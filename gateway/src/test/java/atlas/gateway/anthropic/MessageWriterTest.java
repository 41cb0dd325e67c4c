package atlas.gateway.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.gateway.openai.AnswerHead;
import atlas.gateway.openai.AnswerRewriter;
import atlas.gateway.openai.AnswerRewriter.Rewritten;
import atlas.gateway.openai.BrokenAnswer;
import atlas.gateway.openai.Lockstep;
import atlas.gateway.openai.Operation;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MessageWriterTest {
    private static final AnswerHead HEAD = new AnswerHead(Operation.CHAT, "r", "demo", 1);

    private static Rewritten rewrite(String message, String reason) throws BrokenAnswer {
        String body =
                "{\"choices\":[{\"index\":0,\"message\":"
                        + message
                        + ",\"finish_reason\":\""
                        + reason
                        + "\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}}";
        return AnswerRewriter.rewrite(
                HEAD,
                body.getBytes(StandardCharsets.UTF_8),
                Lockstep::new,
                10_000,
                answer -> MessageWriter.write(HEAD, answer));
    }

    private static String text(String message, String reason) throws BrokenAnswer {
        return new String(rewrite(message, reason).body(), StandardCharsets.UTF_8);
    }

    private static String calling(String arguments) {
        return "{\"content\":null,\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\""
                + arguments
                + "\"}}]}";
    }

    @Test
    void writesTextsAndCallsAsBlocks() throws BrokenAnswer {
        Rewritten rewritten =
                rewrite(
                        """
                        {"content":"use AKIAIOSFODNN7EXAMPLE","reasoning_content":"thoughts",
                        "tool_calls":[{"function":{"name":"f","arguments":"{\\"k\\": 1.50}"}},
                        {"index":1,"function":{"name":"g","arguments":""}}]}\
                        """,
                        "tool_calls");

        assertThat(new String(rewritten.body(), StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        {"id":"msg_r","type":"message","role":"assistant","model":"demo",\
                        "content":[{"type":"text","text":"use [SECRET]"},\
                        {"type":"tool_use","id":"toolu_r_0","name":"f","input":{"k": 1.50}},\
                        {"type":"tool_use","id":"toolu_r_1","name":"g","input":{}}],\
                        "stop_reason":"tool_use","stop_sequence":null,\
                        "usage":{"input_tokens":3,"output_tokens":4}}\
                        """);
        assertThat(rewritten.summary().filtered()).isTrue();
        assertThat(rewritten.summary().said()).doesNotContain("thoughts");
    }

    @Test
    void endsWhatTheFilterBlocksAsARefusal() throws BrokenAnswer {
        assertThat(text("{\"content\":\"the system prompt says\"}", "stop"))
                .contains("\"text\":\"the \"", "\"stop_reason\":\"refusal\"");
        assertThat(text(calling("{\\\"a\\\":\\\"system prompt\\\"}"), "tool_calls"))
                .contains("\"content\":[]", "\"stop_reason\":\"refusal\"");
    }

    @Test
    void callsNothingWithAnArgumentThatTheFilterBroke() throws BrokenAnswer {
        assertThat(text(calling("{\\\"a\\\":AKIAIOSFODNN7EXAMPLE}"), "tool_calls"))
                .contains("\"content\":[]", "\"stop_reason\":\"refusal\"");
    }

    @Test
    void refusesACallThatIsNoObject() {
        for (String arguments :
                new String[] {"[1]", "7", "{", "{} {}", "{\\\"a\\\":1,\\\"a\\\":2}"}) {
            assertThatThrownBy(() -> text(calling(arguments), "tool_calls"))
                    .as(arguments)
                    .isInstanceOf(BrokenAnswer.class);
        }
    }
}
