package atlas.gateway.openai;

import atlas.core.AuditEvent.InferenceParameters;
import atlas.core.json.Json;
import atlas.guard.Channel;
import atlas.guard.PromptPart;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Reads a request body exactly once and strictly: UTF-8, RFC 8259, no duplicate names, known fields
 * of known types. A field that is not known to be harmless is refused by name, because what Atlas
 * does not understand it cannot inspect.
 */
public final class RequestReader {
    private static final int MAX_STOPS = 16;

    private final Operation operation;
    private final Cursor cursor;
    private final List<PromptPart> parts = new ArrayList<>();
    private final TreeSet<String> unseen = new TreeSet<>();
    private final List<String> tools = new ArrayList<>();
    private String model = "";
    private boolean prompted;
    private boolean stream;
    private boolean usageAsked;
    private String responseFormat = "text";
    private long choices = 1;
    private Optional<Long> maxTokens = Optional.empty();
    private Optional<Double> temperature = Optional.empty();
    private Optional<Long> seed = Optional.empty();

    private RequestReader(Operation operation, Cursor cursor) {
        this.operation = operation;
        this.cursor = cursor;
    }

    /**
     * Reads a body.
     *
     * @throws InvalidRequest when it cannot be read in exactly one way; says which field and why
     */
    public static InferenceRequest read(Operation operation, byte[] body) throws InvalidRequest {
        if (!Utf8.wellFormed(body, 0, body.length) || startsWithMark(body)) {
            throw new InvalidRequest("", "the body is not plain UTF-8");
        }
        ByteArrayOutputStream canonical = new ByteArrayOutputStream(body.length + 64);
        RequestReader reader;
        try (JsonParser in = Json.factory().createParser(body);
                JsonGenerator out = Json.factory().createGenerator(canonical)) {
            reader = new RequestReader(operation, new Cursor(in, out));
            reader.whole();
        } catch (JsonProcessingException e) {
            throw new InvalidRequest("", "the body is not valid JSON" + where(e));
        } catch (IOException e) {
            throw new InvalidRequest("", "the body is not valid JSON");
        }
        return reader.finish(body, canonical.toByteArray());
    }

    private static boolean startsWithMark(byte[] body) {
        return body.length > 2 && body[0] == (byte) 0xef && body[1] == (byte) 0xbb;
    }

    /** Where and, for a duplicate, that it is one; the parser's own words could quote the body. */
    private static String where(JsonProcessingException e) {
        String message = e.getOriginalMessage();
        boolean duplicate = message != null && message.startsWith("Duplicate field");
        String place =
                e.getLocation() == null
                        ? ""
                        : " at line %d, column %d"
                                .formatted(
                                        e.getLocation().getLineNr(), e.getLocation().getColumnNr());
        return place + (duplicate ? ": a name appears twice in one object" : "");
    }

    private void whole() throws InvalidRequest, IOException {
        cursor.next();
        if (cursor.token() != JsonToken.START_OBJECT) {
            throw new InvalidRequest("", "the body must be a JSON object");
        }
        cursor.keep();
        while (cursor.next() == JsonToken.FIELD_NAME) {
            String name = cursor.name();
            cursor.next();
            if (!cursor.isNull() || !isKnown(name)) {
                field(name);
            }
        }
        cursor.keep();
        if (cursor.next() != null) {
            throw new InvalidRequest("", "the body goes on after the JSON object");
        }
    }

    private InferenceRequest finish(byte[] body, byte[] canonical) throws InvalidRequest {
        if (model.isEmpty()) {
            throw new InvalidRequest("model", "`model` is missing");
        }
        if (!prompted) {
            throw new InvalidRequest(
                    promptField(), "`" + promptField() + "` is missing or has nothing in it");
        }
        return new InferenceRequest(
                operation,
                model,
                stream,
                usageAsked,
                new InferenceParameters(stream, maxTokens, temperature, seed, tools),
                responseFormat,
                choices,
                parts,
                unseen,
                body,
                canonical);
    }

    private String promptField() {
        return switch (operation) {
            case CHAT -> "messages";
            case COMPLETION -> "prompt";
            case EMBEDDING -> "input";
        };
    }

    private boolean isKnown(String name) {
        return Fields.isKnown(operation, name);
    }

    private void field(String name) throws InvalidRequest, IOException {
        if (!isKnown(name)) {
            String hint = Fields.hint(name);
            throw new InvalidRequest(
                    name, "`" + Fields.shown(name) + "` is not a parameter this gateway " + hint);
        }
        if (name.equals(promptField())) {
            prompt(name);
            return;
        }
        switch (name) {
            case "model" -> model = cursor.text(name);
            case "stream" -> stream = cursor.flag(name);
            case "stream_options" -> streamOptions(name);
            case "logprobs", "top_logprobs", "store", "echo" -> mustBeOff(name);
            case "modalities" -> textOnly(name);
            default -> {
                if (Fields.isDropped(name)) {
                    cursor.skip();
                } else {
                    cursor.keepName(name);
                    parameter(name);
                }
            }
        }
    }

    private void parameter(String name) throws InvalidRequest, IOException {
        switch (name) {
            case "max_tokens", "max_completion_tokens" -> maxTokens(name);
            case "temperature" -> temperature = Optional.of(cursor.keepNumber(name));
            case "seed" ->
                    seed = Optional.of(cursor.keepInteger(name, Long.MIN_VALUE, Long.MAX_VALUE));
            case "top_p", "presence_penalty", "frequency_penalty", "min_p", "repetition_penalty" ->
                    cursor.keepNumber(name);
            case "n", "best_of" -> choices = Math.max(choices, cursor.keepInteger(name, 1, 16));
            case "top_k" -> cursor.keepInteger(name, -1, 1_000_000);
            case "dimensions" -> cursor.keepInteger(name, 1, 65_536);
            case "parallel_tool_calls" -> cursor.keepFlag(name);
            case "reasoning_effort", "verbosity", "encoding_format" -> cursor.keepIdentifier(name);
            case "stop" -> stop(name);
            case "logit_bias" -> logitBias(name);
            case "suffix" -> part(Channel.USER, name, cursor.keepText(name));
            case "tools" -> new MessageReader(cursor, parts, unseen).tools(tools);
            case "tool_choice" -> tree(name);
            case "response_format" -> responseFormat(name);
            default -> throw new IllegalStateException("a known field without a reader: " + name);
        }
    }

    private void prompt(String name) throws InvalidRequest, IOException {
        cursor.keepName(name);
        if (operation == Operation.CHAT) {
            prompted = new MessageReader(cursor, parts, unseen).messages() > 0;
            return;
        }
        Channel channel = operation == Operation.EMBEDDING ? Channel.DOCUMENT : Channel.USER;
        if (cursor.token() == JsonToken.VALUE_STRING) {
            part(channel, name, cursor.keepText(name));
            prompted = true;
            return;
        }
        cursor.expect(JsonToken.START_ARRAY, name, "a string or an array of strings");
        cursor.keep();
        for (int i = 0; cursor.next() != JsonToken.END_ARRAY; i++) {
            String at = name + "[" + i + "]";
            if (cursor.token() != JsonToken.VALUE_STRING) {
                throw new InvalidRequest(
                        at, "`" + at + "` must be a string: token numbers cannot be inspected");
            }
            part(channel, at, cursor.keepText(at));
            prompted = true;
        }
        cursor.keep();
    }

    private void streamOptions(String name) throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_OBJECT, name, "an object");
        while (cursor.next() == JsonToken.FIELD_NAME) {
            String at = name + "." + Fields.shown(cursor.name());
            boolean usage = cursor.name().equals("include_usage");
            cursor.next();
            if (usage) {
                usageAsked = !cursor.isNull() && cursor.flag(at);
            } else if (at.equals("stream_options.include_obfuscation")) {
                cursor.skip();
            } else {
                throw new InvalidRequest(at, "`" + at + "` is not a stream option");
            }
        }
    }

    private void mustBeOff(String name) throws InvalidRequest, IOException {
        if (cursor.token() != JsonToken.VALUE_FALSE) {
            throw new InvalidRequest(name, "`" + name + "` " + Fields.whyOff(name));
        }
        cursor.skip();
    }

    private void textOnly(String name) throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_ARRAY, name, "an array");
        while (cursor.next() != JsonToken.END_ARRAY) {
            if (!cursor.text(name).equals("text")) {
                throw new InvalidRequest(
                        name, "`modalities` can only be `text`: other output cannot be inspected");
            }
        }
    }

    private void stop(String name) throws InvalidRequest, IOException {
        if (cursor.token() == JsonToken.VALUE_STRING) {
            cursor.keepText(name);
            return;
        }
        cursor.expect(JsonToken.START_ARRAY, name, "a string or an array of strings");
        cursor.keep();
        for (int i = 0; cursor.next() != JsonToken.END_ARRAY; i++) {
            if (i == MAX_STOPS) {
                throw new InvalidRequest(name, "`stop` may have at most " + MAX_STOPS + " strings");
            }
            cursor.keepText(name + "[" + i + "]");
        }
        cursor.keep();
    }

    private void logitBias(String name) throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_OBJECT, name, "an object of token numbers and biases");
        cursor.keep();
        while (cursor.next() == JsonToken.FIELD_NAME) {
            String token = cursor.name();
            // `01` and `1` are two names but one token.
            boolean padded = token.length() > 1 && token.startsWith("0");
            if (token.isEmpty()
                    || token.length() > 9
                    || padded
                    || !token.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw new InvalidRequest(name, "`logit_bias` is keyed by token numbers");
            }
            cursor.keepName(token);
            cursor.next();
            cursor.keepNumber(name);
        }
        cursor.keep();
    }

    /** Two limits would leave it to the engine which one counts. */
    private void maxTokens(String name) throws InvalidRequest, IOException {
        if (maxTokens.isPresent()) {
            throw new InvalidRequest(
                    name, "`max_tokens` and `max_completion_tokens` say the same; send one");
        }
        maxTokens = Optional.of(cursor.keepInteger(name, 1, Integer.MAX_VALUE));
    }

    private void responseFormat(String name) throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_OBJECT, name, "an object");
        cursor.keep();
        SchemaText texts = new SchemaText();
        while (cursor.next() == JsonToken.FIELD_NAME) {
            String field = cursor.name();
            String at = name + "." + Fields.shown(field);
            cursor.keepName(field);
            cursor.next();
            switch (field) {
                case "type" -> {
                    responseFormat = cursor.keepIdentifier(at);
                    texts.accept(responseFormat);
                }
                case "json_schema" -> cursor.keepTree(at, texts);
                default ->
                        throw new InvalidRequest(
                                at, "`" + at + "` is not a field of a format; remove it");
            }
        }
        cursor.keep();
        told(name, texts);
    }

    /** Schemas and choices reach the model as text, so they are inspected like a tool's. */
    private void tree(String name) throws InvalidRequest, IOException {
        SchemaText texts = new SchemaText();
        cursor.keepTree(name, texts);
        told(name, texts);
    }

    private void told(String name, SchemaText texts) {
        if (!texts.toString().isEmpty()) {
            part(Channel.TOOL, name, texts.toString());
        }
    }

    private void part(Channel channel, String name, String text) {
        parts.add(new PromptPart(channel, name, text));
    }
}
