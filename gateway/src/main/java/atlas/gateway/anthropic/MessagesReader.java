package atlas.gateway.anthropic;

import atlas.core.AuditEvent.InferenceParameters;
import atlas.core.json.Json;
import atlas.gateway.openai.InferenceRequest;
import atlas.gateway.openai.InvalidRequest;
import atlas.gateway.openai.Operation;
import atlas.guard.Channel;
import atlas.guard.PromptPart;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the body of {@code /v1/messages} exactly once and strictly, and writes from that reading
 * the chat which is inspected and forwarded. What has no place in a chat is refused by name.
 */
public final class MessagesReader {
    private static final int MAX_STOPS = 16;
    private static final Set<String> COUNTED =
            Set.of(
                    "model",
                    "messages",
                    "system",
                    "tools",
                    "tool_choice",
                    "thinking",
                    "cache_control");
    private static final Set<String> KNOWN =
            Set.of(
                    "model",
                    "messages",
                    "system",
                    "tools",
                    "tool_choice",
                    "thinking",
                    "cache_control",
                    "max_tokens",
                    "stream",
                    "temperature",
                    "top_p",
                    "top_k",
                    "stop_sequences",
                    "metadata",
                    "service_tier");

    private final Node body;
    private final List<PromptPart> parts = new ArrayList<>();
    private final List<String> tools = new ArrayList<>();
    private Optional<Long> maxTokens = Optional.empty();
    private Optional<Double> temperature = Optional.empty();

    private MessagesReader(Node body) {
        this.body = body;
    }

    /**
     * Reads a request for a message.
     *
     * @throws InvalidRequest when it cannot be read in exactly one way; says which field and why
     */
    public static InferenceRequest read(byte[] body) throws InvalidRequest {
        Node whole = Node.read(body).knowing(KNOWN);
        whole.needed("max_tokens");
        return new MessagesReader(whole).request(body);
    }

    /** Reads a request that wants to know only how long its prompt is. */
    public static InferenceRequest readToCount(byte[] body) throws InvalidRequest {
        return new MessagesReader(Node.read(body).knowing(COUNTED)).request(body);
    }

    private InferenceRequest request(byte[] bytes) throws InvalidRequest {
        String model = body.needed("model").text();
        if (model.isEmpty()) {
            throw body.needed("model").wrong("is missing");
        }
        boolean stream = body.field("stream").isPresent() && body.needed("stream").flag();
        checkWhatStaysHere();
        ByteArrayOutputStream canonical = new ByteArrayOutputStream(bytes.length + 64);
        try (JsonGenerator out = Json.factory().createGenerator(canonical)) {
            out.writeStartObject();
            new Conversation(parts, out).write(body);
            limits(out);
            tools(out);
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing JSON to memory", e);
        }
        return new InferenceRequest(
                Operation.CHAT,
                model,
                stream,
                false,
                new InferenceParameters(stream, maxTokens, temperature, Optional.empty(), tools),
                "text",
                1,
                parts,
                Set.of(),
                bytes,
                canonical.toByteArray());
    }

    /** What a client says to the service and not to the model. */
    private void checkWhatStaysHere() throws InvalidRequest {
        Optional<Node> thinking = body.field("thinking");
        if (thinking.isPresent()
                && !thinking.get()
                        .knowing(Set.of("type"))
                        .needed("type")
                        .text()
                        .equals("disabled")) {
            throw thinking.get().wrong("can only be `disabled`: thoughts are not passed on");
        }
        Optional<Node> metadata = body.field("metadata");
        if (metadata.isPresent()) {
            Optional<Node> user = metadata.get().knowing(Set.of("user_id")).field("user_id");
            if (user.isPresent()) {
                user.get().text();
            }
        }
        Optional<Node> tier = body.field("service_tier");
        if (tier.isPresent() && !Set.of("auto", "standard_only").contains(tier.get().text())) {
            throw tier.get().wrong("must be `auto` or `standard_only`");
        }
    }

    private void limits(JsonGenerator out) throws InvalidRequest, IOException {
        Optional<Node> most = body.field("max_tokens");
        if (most.isPresent()) {
            long tokens = most.get().integer(1, Integer.MAX_VALUE);
            maxTokens = Optional.of(tokens);
            out.writeNumberField("max_tokens", tokens);
        }
        Optional<Node> heat = body.field("temperature");
        if (heat.isPresent()) {
            temperature = Optional.of(heat.get().number(0, 1));
            out.writeFieldName("temperature");
            heat.get().write(out, _ -> {});
        }
        Optional<Node> topP = body.field("top_p");
        if (topP.isPresent()) {
            topP.get().number(0, 1);
            out.writeFieldName("top_p");
            topP.get().write(out, _ -> {});
        }
        Optional<Node> topK = body.field("top_k");
        if (topK.isPresent()) {
            out.writeNumberField("top_k", topK.get().integer(0, 1_000_000));
        }
        Optional<Node> stops = body.field("stop_sequences");
        if (stops.isPresent()) {
            stops(stops.get(), out);
        }
    }

    private static void stops(Node stops, JsonGenerator out) throws InvalidRequest, IOException {
        List<Node> items = stops.items();
        if (items.size() > MAX_STOPS) {
            throw stops.wrong("may have at most " + MAX_STOPS + " strings");
        }
        if (items.isEmpty()) {
            return;
        }
        out.writeArrayFieldStart("stop");
        for (Node stop : items) {
            out.writeString(stop.text());
        }
        out.writeEndArray();
    }

    private void tools(JsonGenerator out) throws InvalidRequest, IOException {
        ToolReader reader = new ToolReader(parts, out);
        Optional<Node> given = body.field("tools");
        if (given.isPresent()) {
            tools.addAll(reader.tools(given.get()));
        }
        Optional<Node> choice = body.field("tool_choice");
        if (choice.isPresent()) {
            if (tools.isEmpty()) {
                throw choice.get().wrong("needs `tools` to choose from");
            }
            reader.choice(choice.get(), tools);
        }
    }

    /** Adds a part, unless there is nothing in it. */
    static void part(List<PromptPart> parts, Channel channel, String at, String text) {
        if (!text.isEmpty()) {
            parts.add(new PromptPart(channel, at, text));
        }
    }
}
