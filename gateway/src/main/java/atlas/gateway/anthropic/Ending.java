package atlas.gateway.anthropic;

import atlas.core.json.Json;
import atlas.gateway.openai.BrokenAnswer;
import atlas.gateway.openai.OneAnswer;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How an answer ends in Anthropic's words: the calls that can be made, each with an object for its
 * input, and why it ended.
 */
record Ending(List<OneAnswer.Call> calls, String stopReason) {
    private static final String REFUSAL = "refusal";

    Ending {
        calls = List.copyOf(calls);
    }

    /**
     * Judges what was let out.
     *
     * @param finishReason in OpenAI's words, which do not tell a stop sequence from an end
     * @param touched whether the filter took anything out of the answer
     * @throws BrokenAnswer when the engine calls a tool with what is no JSON object
     */
    static Ending of(List<OneAnswer.Call> said, String finishReason, boolean touched)
            throws BrokenAnswer {
        boolean blocked = finishReason.equals("content_filter");
        boolean cut = finishReason.equals("length");
        List<OneAnswer.Call> calls = new ArrayList<>();
        boolean whole = true;
        for (OneAnswer.Call call : said) {
            String input = call.arguments().isBlank() ? "{}" : call.arguments();
            whole &= isObject(input);
            calls.add(new OneAnswer.Call(call.name(), input));
        }
        if (!whole && !blocked && !cut && !touched) {
            throw new BrokenAnswer("the engine called a tool with what is no JSON object");
        }
        if (blocked || (!whole && touched)) {
            return new Ending(List.of(), REFUSAL);
        }
        if (cut) {
            return new Ending(whole ? calls : List.of(), "max_tokens");
        }
        // Some engines say no more than that they stopped.
        boolean called = finishReason.equals("tool_calls") || !calls.isEmpty();
        return new Ending(calls, called ? "tool_use" : "end_turn");
    }

    private static boolean isObject(String json) {
        try (JsonParser in = Json.factory().createParser(json)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            in.skipChildren();
            return in.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }
}
