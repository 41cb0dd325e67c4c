package atlas.node.dialect;

import atlas.node.engine.ChatMessage;
import atlas.node.engine.ChatMessage.Role;
import atlas.node.engine.GenerationRequest;
import atlas.node.engine.Prompt;
import atlas.node.engine.Sampling;
import atlas.node.json.JsonTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads requests of the OpenAI dialect. What changes the answer and is not done here is refused.
 */
final class RequestReader {
    private static final List<String> UNSUPPORTED_IN_CHAT =
            List.of("tools", "functions", "logit_bias", "audio", "prediction", "top_logprobs");
    private static final List<String> UNSUPPORTED_IN_COMPLETION =
            List.of("echo", "suffix", "logit_bias", "logprobs");
    private static final int MAX_MESSAGES = 1024;
    private static final int MAX_TEXTS = 256;

    private final int maxTokens;
    private final double temperature;

    RequestReader(int maxTokens, double temperature) {
        this.maxTokens = maxTokens;
        this.temperature = temperature;
    }

    Asked chat(JsonTree body) throws Refused {
        refuse(body, UNSUPPORTED_IN_CHAT);
        Optional<JsonTree> format = body.find("response_format", JsonTree.class);
        if (format.isPresent() && !format.get().text("type").equals("text")) {
            throw new Refused(
                    400,
                    "unsupported",
                    "`response_format` other than `text` is not supported by this engine");
        }
        Prompt prompt = new Prompt.Chat(messages(body));
        boolean stream = body.flag("stream");
        return new Asked(generation(body, prompt), true, stream, body.flag("logprobs"));
    }

    Asked completion(JsonTree body) throws Refused {
        refuse(body, UNSUPPORTED_IN_COMPLETION);
        List<String> prompts = texts(body, "prompt");
        if (prompts.size() != 1) {
            throw new Refused(400, "unsupported", "`prompt` must be exactly one text");
        }
        Prompt prompt = new Prompt.Text(prompts.getFirst());
        return new Asked(generation(body, prompt), false, body.flag("stream"), false);
    }

    /** The texts to embed. */
    List<String> embedding(JsonTree body) throws Refused {
        refuse(body, List.of("dimensions"));
        List<String> texts = texts(body, "input");
        if (texts.size() > MAX_TEXTS) {
            throw Refused.invalid("`input` has at most " + MAX_TEXTS + " texts");
        }
        return texts;
    }

    private static void refuse(JsonTree body, List<String> fields) throws Refused {
        for (String field : fields) {
            if (body.asks(field)) {
                throw new Refused(
                        400, "unsupported", "`" + field + "` is not supported by this engine");
            }
        }
        for (String count : List.of("n", "best_of")) {
            if (body.whole(count).orElse(1L) != 1) {
                throw new Refused(400, "unsupported", "`" + count + "` must be 1");
            }
        }
    }

    private static List<ChatMessage> messages(JsonTree body) throws Refused {
        List<ChatMessage> messages = new ArrayList<>();
        List<?> items = body.list("messages");
        if (items.isEmpty() || items.size() > MAX_MESSAGES) {
            throw Refused.invalid("`messages` must have 1 to " + MAX_MESSAGES + " messages");
        }
        for (Object item : items) {
            if (!(item instanceof JsonTree message)) {
                throw Refused.invalid("a message must be an object");
            }
            if (message.asks("tool_calls") || message.asks("function_call")) {
                throw new Refused(400, "unsupported", "tool calls are not supported here");
            }
            messages.add(new ChatMessage(role(message.text("role")), content(message)));
        }
        return messages;
    }

    private static Role role(String name) throws Refused {
        return switch (name) {
            case "system", "developer" -> Role.SYSTEM;
            case "user" -> Role.USER;
            case "assistant" -> Role.ASSISTANT;
            default ->
                    throw new Refused(
                            400, "unsupported", "a message with this `role` is not supported");
        };
    }

    private static String content(JsonTree message) throws Refused {
        if (message.find("content", Object.class).orElse("") instanceof String text) {
            return text;
        }
        StringBuilder text = new StringBuilder();
        for (Object item : message.list("content")) {
            if (!(item instanceof JsonTree part) || !part.text("type").equals("text")) {
                throw new Refused(400, "unsupported", "only text `content` is supported");
            }
            text.append(part.text("text"));
        }
        return text.toString();
    }

    private static List<String> texts(JsonTree body, String name) throws Refused {
        Object value =
                body.find(name, Object.class)
                        .orElseThrow(() -> Refused.invalid("`" + name + "` is missing"));
        if (value instanceof String text) {
            return List.of(text);
        }
        List<String> texts = new ArrayList<>();
        for (Object item : body.list(name)) {
            if (!(item instanceof String text)) {
                throw Refused.invalid("`" + name + "` must be a text or a list of texts");
            }
            texts.add(text);
        }
        return texts;
    }

    private GenerationRequest generation(JsonTree body, Prompt prompt) throws Refused {
        Optional<Long> asked = body.whole("max_completion_tokens");
        long most = (asked.isPresent() ? asked : body.whole("max_tokens")).orElse((long) maxTokens);
        Optional<Long> seed = body.whole("seed");
        List<String> stops = body.asks("stop") ? texts(body, "stop") : List.of();
        try {
            Sampling sampling =
                    new Sampling(
                            body.number("temperature", temperature),
                            Math.clamp(body.whole("top_k").orElse(0L), -1, Integer.MAX_VALUE),
                            body.number("top_p", 1),
                            body.number("frequency_penalty", 0),
                            body.number("presence_penalty", 0),
                            seed.isPresent() ? OptionalLong.of(seed.get()) : OptionalLong.empty());
            int limit = (int) Math.min(most, maxTokens);
            return new GenerationRequest(prompt, limit, sampling, stops);
        } catch (IllegalArgumentException e) {
            throw Refused.invalid(String.valueOf(e.getMessage()));
        }
    }
}
