package atlas.gateway.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import atlas.gateway.openai.InferenceRequest;
import atlas.gateway.openai.InvalidRequest;
import atlas.gateway.openai.Operation;
import atlas.gateway.openai.RequestReader;
import atlas.guard.PromptPart;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessagesReaderTest {
    private static final String WHOLE =
            """
            {"max_tokens":64,"messages":[
              {"content":"weather in Bonn?","role":"user"},
              {"role":"assistant","content":[{"type":"text","text":"I look."},
                {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Bonn","n":1.50}}]},
              {"role":"user","content":[
                {"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[
                  {"type":"text","text":"rain"},
                  {"type":"document","source":{"type":"content","content":[
                    {"type":"text","text":"a page"}]}}]},
                {"type":"document","title":"Notes","source":
                  {"type":"text","media_type":"text/plain","data":"the notes"},
                  "citations":{"enabled":false}},
                {"type":"text","text":"and now?","cache_control":{"type":"ephemeral"}}]}],
             "system":[{"type":"text","text":"be kind"}],"model":"m","temperature":0.50,"top_p":1,
             "top_k":5,"stop_sequences":["END"],"metadata":{"user_id":"u"},
             "tools":[{"name":"weather","description":"tells the weather","input_schema":
               {"type":"object","properties":{"city":{"type":"string","description":"a town",
               "default":null}}}}],
             "tool_choice":{"type":"tool","name":"weather","disable_parallel_tool_use":true},
             "thinking":{"type":"disabled"},"stream":true}\
            """;

    private static InferenceRequest read(String body) throws InvalidRequest {
        return MessagesReader.read(body.getBytes(StandardCharsets.UTF_8));
    }

    private static String messages(String messages) {
        return "{\"model\":\"m\",\"max_tokens\":5,\"messages\":" + messages + "}";
    }

    @Test
    void readsEveryTextWithItsChannel() throws InvalidRequest {
        InferenceRequest request = read(WHOLE);

        assertThat(request.parts())
                .extracting(p -> p.channel() + " " + p.name() + ": " + p.text())
                .containsExactly(
                        "SYSTEM system[0].text: be kind",
                        "USER messages[0].content: weather in Bonn?",
                        "ASSISTANT messages[1].content[0].text: I look.",
                        "ASSISTANT messages[1].content[1].input: {\"city\":\"Bonn\",\"n\":1.50}",
                        "TOOL messages[2].content[0].content[0].text: rain",
                        "DOCUMENT messages[2].content[0].content[1]: a page",
                        "DOCUMENT messages[2].content[1]: Notes\nthe notes",
                        "USER messages[2].content[2].text: and now?",
                        "TOOL tools[0].description: tells the weather",
                        "TOOL tools[0].input_schema: city\na town");
        assertThat(request.protectedTexts()).containsExactly("be kind");
        assertThat(request.stream()).isTrue();
        assertThat(request.parameters().maxTokens()).contains(64L);
        assertThat(request.parameters().temperature()).contains(0.5);
        assertThat(request.parameters().tools()).containsExactly("weather");
        assertThat(request.body()).isEqualTo(WHOLE.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void forwardsAChatOfExactlyThat() throws InvalidRequest {
        assertThat(new String(read(WHOLE).forwardedAs("e"), StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        {"model":"e","stream":true,"stream_options":{"include_usage":true},\
                        "messages":[{"role":"system","content":"be kind"},\
                        {"role":"user","content":"weather in Bonn?"},\
                        {"role":"assistant","content":"I look.","tool_calls":[{"id":"toolu_1",\
                        "type":"function","function":{"name":"weather",\
                        "arguments":"{\\"city\\":\\"Bonn\\",\\"n\\":1.50}"}}]},\
                        {"role":"tool","tool_call_id":"toolu_1","content":[\
                        {"type":"text","text":"Error: "},{"type":"text","text":"rain"},\
                        {"type":"text","text":"a page"}]},\
                        {"role":"user","content":[{"type":"text","text":"Notes\\nthe notes"},\
                        {"type":"text","text":"and now?"}]}],\
                        "max_tokens":64,"temperature":0.50,"top_p":1,"top_k":5,"stop":["END"],\
                        "tools":[{"type":"function","function":{"name":"weather",\
                        "description":"tells the weather","parameters":{"type":"object",\
                        "properties":{"city":{"type":"string","description":"a town",\
                        "default":null}}}}}],\
                        "tool_choice":{"type":"function","function":{"name":"weather"}},\
                        "parallel_tool_calls":false}\
                        """);
    }

    /** What is forwarded is a chat that the chat's own reader takes, with no text beside ours. */
    @Test
    void forwardsNothingThatWasNotInspected() throws InvalidRequest {
        InferenceRequest request = read(WHOLE);
        InferenceRequest again = RequestReader.read(Operation.CHAT, request.forwardedAs("m"));

        List<String> inspected = request.parts().stream().map(PromptPart::text).toList();
        assertThat(again.canonical()).isEqualTo(request.canonical());
        assertThat(again.parts())
                .extracting(PromptPart::text)
                .filteredOn(text -> !text.equals("Error: ") && !text.equals("weather"))
                .containsExactlyElementsOf(inspected);
    }

    @Test
    void choosesToolsInTheWordsOfAChat() throws InvalidRequest {
        for (Map.Entry<String, String> choice :
                Map.of("auto", "\"auto\"", "any", "\"required\"", "none", "\"none\"").entrySet()) {
            InferenceRequest request =
                    read(
                            "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\","
                                    + "\"content\":\"hi\"}],\"tools\":[{\"name\":\"f\","
                                    + "\"input_schema\":{\"type\":\"object\"}}],\"tool_choice\":"
                                    + "{\"type\":\""
                                    + choice.getKey()
                                    + "\"}}");
            assertThat(new String(request.canonical(), StandardCharsets.UTF_8))
                    .endsWith("\"tool_choice\":" + choice.getValue() + "}");
        }
    }

    @Test
    void refusesByNameWhatHasNoPlace() {
        String hi = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
        String whole = "{\"model\":\"m\",\"max_tokens\":5," + hi;
        Map<String, String> refused =
                Map.ofEntries(
                        Map.entry("{\"model\":\"m\"," + hi + "}", "max_tokens"),
                        Map.entry("{\"max_tokens\":5," + hi + "}", "model"),
                        Map.entry("{\"model\":\"m\",\"max_tokens\":5}", "messages"),
                        Map.entry(whole.replace(":5", ":0") + "}", "max_tokens"),
                        Map.entry(whole + ",\"temperature\":1.5}", "temperature"),
                        Map.entry(whole + ",\"top_k\":\"x\"}", "top_k"),
                        Map.entry(whole + ",\"mcp_servers\":[]}", "mcp_servers"),
                        Map.entry(
                                whole + ",\"thinking\":{\"type\":\"disabled\",\"x\":1}}",
                                "thinking.x"),
                        Map.entry(whole + ",\"thinking\":{\"type\":\"enabled\"}}", "thinking"),
                        Map.entry(whole + ",\"tool_choice\":{\"type\":\"any\"}}", "tool_choice"),
                        Map.entry(whole + ",\"stop_sequences\":[7]}", "stop_sequences[0]"),
                        Map.entry(whole + ",\"Model\":\"n\"}", "Model"),
                        Map.entry(
                                whole
                                        + ",\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"w\"}]}",
                                "tools[0].type"),
                        Map.entry(
                                whole + ",\"tools\":[{\"name\":\"f\"}]}", "tools[0].input_schema"),
                        Map.entry(messages("[]"), "messages"),
                        Map.entry(
                                messages("[{\"role\":\"system\",\"content\":\"x\"}]"),
                                "messages[0].role"),
                        Map.entry(
                                messages("[{\"role\":\"user\",\"content\":[]}]"),
                                "messages[0].content"),
                        Map.entry(
                                messages(
                                        "[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistan"
                                            + "t\",\"content\":\"b\"}]"),
                                "messages[1]"),
                        Map.entry(
                                messages(
                                        "[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"sour"
                                            + "ce\":{}}]}]"),
                                "messages[0].content[0].type"),
                        Map.entry(
                                messages(
                                        "[{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"s"
                                            + "ource\":{\"type\":\"base64\"}}]}]"),
                                "messages[0].content[0].source.type"),
                        Map.entry(
                                messages(
                                        "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text"
                                            + "\":\"a\"},{\"type\":\"tool_result\",\"tool_use_id"
                                            + "\":\"t\"}]}]"),
                                "messages[0].content[1]"),
                        Map.entry(
                                messages(
                                        "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text"
                                                + "\":\"a\",\"hidden\":\"b\"}]}]"),
                                "messages[0].content[0].hidden"));

        refused.forEach((body, field) -> {
            InvalidRequest refusal = catchThrowableOfType(InvalidRequest.class, () -> read(body));
            assertThat(refusal).as(body).isNotNull();
            assertThat(refusal.field()).as(body).isEqualTo(field);
            assertThat(refusal).hasMessageContaining("`" + field + "`");
        });
    }

    @Test
    void refusesWhatIsNotOneObjectOfJson() {
        for (String body :
                List.of(
                        "",
                        "[]",
                        "{} {}",
                        "{\"model\":\"m\",\"model\":\"n\"}",
                        "{'a':1}",
                        "\u0000")) {
            assertThat(catchThrowableOfType(InvalidRequest.class, () -> read(body)))
                    .as(body)
                    .isNotNull();
        }
    }

    @Test
    void countsWithoutALimit() throws InvalidRequest {
        byte[] body =
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
                        .getBytes(StandardCharsets.UTF_8);
        assertThat(MessagesReader.readToCount(body).parts()).hasSize(1);
        byte[] streamed =
                new String(body, StandardCharsets.UTF_8)
                        .replace("{\"model", "{\"stream\":true,\"model")
                        .getBytes(StandardCharsets.UTF_8);
        assertThat(
                        catchThrowableOfType(
                                        InvalidRequest.class,
                                        () -> MessagesReader.readToCount(streamed))
                                .field())
                .isEqualTo("stream");
    }
}
