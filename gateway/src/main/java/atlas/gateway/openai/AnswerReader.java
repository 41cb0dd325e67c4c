package atlas.gateway.openai;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an engine says, strictly, keeping only fields that Atlas can filter. Everything else,
 * known or not (log probabilities, token numbers, vendor fields), stays behind: it could carry the
 * very text the filter takes out.
 */
final class AnswerReader {
    static final int MAX_CHOICES = 16;
    static final int MAX_CALLS = 128;

    private final JsonParser in;
    private final Answer answer = new Answer();

    private AnswerReader(JsonParser in) {
        this.in = in;
    }

    /** Reads a whole answer or a chunk; they differ in {@code message} and {@code delta} only. */
    static Answer read(byte[] bytes, int offset, int length) throws BrokenAnswer {
        if (!Utf8.wellFormed(bytes, offset, length)) {
            throw new BrokenAnswer("the engine's answer is not UTF-8");
        }
        try (JsonParser in = Json.factory().createParser(bytes, offset, length)) {
            AnswerReader reader = new AnswerReader(in);
            reader.whole();
            return reader.answer;
        } catch (JsonProcessingException e) {
            throw new BrokenAnswer("the engine's answer is not valid JSON");
        } catch (IOException e) {
            throw new BrokenAnswer("the engine's answer cannot be read");
        }
    }

    private void whole() throws IOException, BrokenAnswer {
        if (in.nextToken() != JsonToken.START_OBJECT) {
            throw new BrokenAnswer("the engine's answer is not a JSON object");
        }
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken token = in.nextToken();
            if (name.equals("choices") && token == JsonToken.START_ARRAY) {
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    choice();
                }
            } else if (name.equals("usage") && token == JsonToken.START_OBJECT) {
                answer.usage = usage(in);
            } else if (name.equals("error") && token != JsonToken.VALUE_NULL) {
                throw new BrokenAnswer("the engine reported an error");
            } else {
                in.skipChildren();
            }
        }
        if (in.nextToken() != null) {
            throw new BrokenAnswer("the engine's answer goes on after its end");
        }
    }

    static Answer.Usage usage(JsonParser in) throws IOException {
        long prompt = 0;
        long completion = 0;
        long total = 0;
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            boolean counts = in.nextToken() == JsonToken.VALUE_NUMBER_INT;
            switch (name) {
                case "prompt_tokens" -> prompt = counts ? in.getValueAsLong() : 0;
                case "completion_tokens" -> completion = counts ? in.getValueAsLong() : 0;
                case "total_tokens" -> total = counts ? in.getValueAsLong() : 0;
                default -> in.skipChildren();
            }
        }
        return new Answer.Usage(prompt, completion, total);
    }

    private void choice() throws IOException, BrokenAnswer {
        Answer.Choice choice = new Answer.Choice();
        object("a choice");
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken token = in.nextToken();
            switch (name) {
                case "index" -> choice.index = index(MAX_CHOICES);
                case "delta", "message" -> {
                    if (token == JsonToken.START_OBJECT) {
                        choice.speaks = true;
                        message(choice);
                    }
                }
                case "text" -> {
                    choice.speaks = true;
                    choice.content = text();
                }
                case "finish_reason" -> choice.finishReason = finishReason(text());
                default -> in.skipChildren();
            }
        }
        answer.choices.add(choice);
        if (answer.choices.size() > MAX_CHOICES) {
            throw new BrokenAnswer("the engine's answer has too many choices");
        }
    }

    private void message(Answer.Choice choice) throws IOException, BrokenAnswer {
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken token = in.nextToken();
            switch (name) {
                case "content" -> choice.content = text();
                case "refusal" -> choice.refusal = text();
                case "reasoning_content", "reasoning" -> {
                    // Engines send one, or both with the same text.
                    String text = text();
                    choice.reasoning = choice.reasoning == null ? text : choice.reasoning;
                }
                case "tool_calls" -> {
                    if (token == JsonToken.START_ARRAY) {
                        while (in.nextToken() != JsonToken.END_ARRAY) {
                            call(choice);
                        }
                    }
                }
                default -> in.skipChildren();
            }
        }
    }

    private void call(Answer.Choice choice) throws IOException, BrokenAnswer {
        Answer.Call call = new Answer.Call();
        call.index = choice.calls.size();
        object("a tool call");
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken token = in.nextToken();
            if (name.equals("index")) {
                call.index = index(MAX_CALLS);
            } else if (name.equals("function") && token == JsonToken.START_OBJECT) {
                function(call);
            } else {
                in.skipChildren();
            }
        }
        choice.calls.add(call);
        if (choice.calls.size() > MAX_CALLS) {
            throw new BrokenAnswer("the engine's answer has too many tool calls");
        }
    }

    private void function(Answer.Call call) throws IOException, BrokenAnswer {
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            in.nextToken();
            switch (name) {
                case "name" -> call.name = text();
                case "arguments" -> call.arguments = text();
                default -> in.skipChildren();
            }
        }
    }

    private void object(String what) throws BrokenAnswer {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            throw new BrokenAnswer("the engine's answer has " + what + " that is not an object");
        }
    }

    private int index(int limit) throws IOException, BrokenAnswer {
        if (in.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw new BrokenAnswer("the engine's answer has an index that is not an integer");
        }
        int index = in.getValueAsInt(-1);
        if (index < 0 || index >= limit) {
            throw new BrokenAnswer("the engine's answer has an index that is out of range");
        }
        return index;
    }

    private @Nullable String text() throws IOException, BrokenAnswer {
        return switch (in.currentToken()) {
            case VALUE_STRING -> Utf8.repaired(in.getText());
            case VALUE_NULL -> null;
            default -> throw new BrokenAnswer("the engine's answer has a text that is not one");
        };
    }

    private static @Nullable String finishReason(@Nullable String reason) {
        if (reason == null) {
            return null;
        }
        return switch (reason) {
            case "stop", "length", "tool_calls", "content_filter" -> reason;
            default -> "stop";
        };
    }
}
