package atlas.gateway.openai;

import atlas.guard.Channel;
import atlas.guard.PromptPart;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Reads the messages and tools of a chat; every text becomes a part with its channel and path. */
final class MessageReader {
    private final Cursor cursor;
    private final List<PromptPart> parts;
    private final Set<String> unseen;

    MessageReader(Cursor cursor, List<PromptPart> parts, Set<String> unseen) {
        this.cursor = cursor;
        this.parts = parts;
        this.unseen = unseen;
    }

    /** Reads the array of messages and says how many there are. */
    int messages() throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_ARRAY, "messages", "an array of messages");
        cursor.keep();
        int count = 0;
        while (cursor.next() != JsonToken.END_ARRAY) {
            message("messages[" + count++ + "]");
        }
        cursor.keep();
        return count;
    }

    /** Reads the array of tools; their names are added to {@code names}. */
    void tools(List<String> names) throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_ARRAY, "tools", "an array of tools");
        cursor.keep();
        for (int i = 0; cursor.next() != JsonToken.END_ARRAY; i++) {
            tool("tools[" + i + "]", names);
        }
        cursor.keep();
    }

    private void message(String at) throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_OBJECT, at, "an object");
        cursor.keep();
        int first = parts.size();
        Channel channel = null;
        while (cursor.next() == JsonToken.FIELD_NAME) {
            String name = cursor.name();
            cursor.next();
            if (cursor.isNull() && !name.equals("content")) {
                continue;
            }
            cursor.keepName(name);
            String here = at + "." + Fields.shown(name);
            switch (name) {
                case "role" -> channel = channelOf(cursor.keepText(here), here);
                case "content" -> content(here);
                case "name", "tool_call_id" -> cursor.keepIdentifier(here);
                case "refusal", "reasoning_content" -> part(here, cursor.keepText(here));
                case "tool_calls" -> toolCalls(here);
                default ->
                        throw new InvalidRequest(
                                here, "`" + here + "` is not a field of a message; remove it");
            }
        }
        cursor.keep();
        if (channel == null) {
            throw new InvalidRequest(at + ".role", "`" + at + ".role` is missing");
        }
        speak(first, channel);
    }

    /** The role may come after the text it applies to, so channels are set when both are known. */
    private void speak(int first, Channel channel) {
        for (int i = first; i < parts.size(); i++) {
            PromptPart part = parts.get(i);
            if (part.channel() != channel) {
                parts.set(i, new PromptPart(channel, part.name(), part.text()));
            }
        }
    }

    private static Channel channelOf(String role, String at) throws InvalidRequest {
        return switch (role) {
            case "system", "developer" -> Channel.SYSTEM;
            case "user" -> Channel.USER;
            case "assistant" -> Channel.ASSISTANT;
            case "tool" -> Channel.TOOL;
            default ->
                    throw new InvalidRequest(
                            at,
                            "`"
                                    + at
                                    + "` must be `system`, `developer`, `user`, `assistant` or"
                                    + " `tool`");
        };
    }

    private void content(String at) throws InvalidRequest, IOException {
        if (cursor.isNull()) {
            cursor.keep();
            return;
        }
        if (cursor.token() == JsonToken.VALUE_STRING) {
            part(at, cursor.keepText(at));
            return;
        }
        cursor.expect(JsonToken.START_ARRAY, at, "a string or an array of parts");
        cursor.keep();
        for (int i = 0; cursor.next() != JsonToken.END_ARRAY; i++) {
            contentPart(at + "[" + i + "]");
        }
        cursor.keep();
    }

    private void contentPart(String at) throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_OBJECT, at, "an object");
        cursor.keep();
        String type = "";
        String carried = "";
        while (cursor.next() == JsonToken.FIELD_NAME) {
            String name = cursor.name();
            cursor.next();
            cursor.keepName(name);
            String here = at + "." + Fields.shown(name);
            if (!name.equals("type")) {
                carried = carried.isEmpty() ? name : "more than one thing";
            }
            switch (name) {
                case "type" -> {
                    type = cursor.keepText(here);
                    partType(type, here);
                }
                case "text", "refusal" -> part(here, cursor.keepText(here));
                case "image_url" -> image(here);
                case "input_audio" -> {
                    unseen.add("audio");
                    cursor.keepTree(here, _ -> {});
                }
                default ->
                        throw new InvalidRequest(
                                here, "`" + here + "` is not a field of a content part; remove it");
            }
        }
        cursor.keep();
        if (type.isEmpty()) {
            throw new InvalidRequest(at + ".type", "`" + at + ".type` is missing");
        }
        // An engine may go by the type or by the field it finds.
        if (!carried.equals(type)) {
            throw new InvalidRequest(at, "`" + at + "` must have `" + type + "` and nothing else");
        }
    }

    private static void partType(String type, String at) throws InvalidRequest {
        switch (type) {
            case "text", "refusal", "image_url", "input_audio" -> {}
            default ->
                    throw new InvalidRequest(
                            at,
                            "`"
                                    + at
                                    + "` must be `text`, `refusal`, `image_url` or"
                                    + " `input_audio`");
        }
    }

    /**
     * Only images that travel in the request: an address would send the engine into the network.
     */
    private void image(String at) throws InvalidRequest, IOException {
        unseen.add("image");
        cursor.expect(JsonToken.START_OBJECT, at, "an object");
        cursor.keep();
        while (cursor.next() == JsonToken.FIELD_NAME) {
            String name = cursor.name();
            cursor.next();
            cursor.keepName(name);
            String here = at + "." + Fields.shown(name);
            switch (name) {
                case "url" -> {
                    if (!cursor.keepText(here).startsWith("data:image/")) {
                        throw new InvalidRequest(
                                here, "`" + here + "` must be a `data:image/…` URL");
                    }
                }
                case "detail" -> cursor.keepIdentifier(here);
                default ->
                        throw new InvalidRequest(
                                here, "`" + here + "` is not a field of an image; remove it");
            }
        }
        cursor.keep();
    }

    private void toolCalls(String at) throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_ARRAY, at, "an array of tool calls");
        cursor.keep();
        for (int i = 0; cursor.next() != JsonToken.END_ARRAY; i++) {
            String here = at + "[" + i + "]";
            cursor.expect(JsonToken.START_OBJECT, here, "an object");
            cursor.keep();
            while (cursor.next() == JsonToken.FIELD_NAME) {
                String name = cursor.name();
                cursor.next();
                cursor.keepName(name);
                String field = here + "." + Fields.shown(name);
                switch (name) {
                    case "id" -> cursor.keepIdentifier(field);
                    case "type" -> functionType(field);
                    case "function" -> called(field);
                    default ->
                            throw new InvalidRequest(
                                    field,
                                    "`" + field + "` is not a field of a tool call; remove it");
                }
            }
            cursor.keep();
        }
        cursor.keep();
    }

    private void called(String at) throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_OBJECT, at, "an object");
        cursor.keep();
        while (cursor.next() == JsonToken.FIELD_NAME) {
            String name = cursor.name();
            cursor.next();
            cursor.keepName(name);
            String here = at + "." + Fields.shown(name);
            switch (name) {
                case "name" -> cursor.keepIdentifier(here);
                case "arguments" -> part(here, cursor.keepText(here));
                default ->
                        throw new InvalidRequest(
                                here, "`" + here + "` is not a field of a call; remove it");
            }
        }
        cursor.keep();
    }

    private void functionType(String at) throws InvalidRequest, IOException {
        if (!cursor.keepText(at).equals("function")) {
            throw new InvalidRequest(at, "`" + at + "` must be `function`");
        }
    }

    private void tool(String at, List<String> names) throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_OBJECT, at, "an object");
        cursor.keep();
        boolean described = false;
        while (cursor.next() == JsonToken.FIELD_NAME) {
            String name = cursor.name();
            cursor.next();
            cursor.keepName(name);
            String here = at + "." + Fields.shown(name);
            switch (name) {
                case "type" -> functionType(here);
                case "function" -> {
                    function(here, names);
                    described = true;
                }
                default ->
                        throw new InvalidRequest(
                                here, "`" + here + "` is not a field of a tool; remove it");
            }
        }
        cursor.keep();
        if (!described) {
            throw new InvalidRequest(at + ".function", "`" + at + ".function` is missing");
        }
    }

    /** Descriptions and schemas are shown to the model, so they are read as a tool's words. */
    private void function(String at, List<String> names) throws InvalidRequest, IOException {
        cursor.expect(JsonToken.START_OBJECT, at, "an object");
        cursor.keep();
        boolean named = false;
        while (cursor.next() == JsonToken.FIELD_NAME) {
            String name = cursor.name();
            cursor.next();
            cursor.keepName(name);
            String here = at + "." + Fields.shown(name);
            switch (name) {
                case "name" -> {
                    String function = cursor.keepIdentifier(here);
                    if (names.contains(function)) {
                        throw new InvalidRequest(here, "`" + here + "` names a tool given before");
                    }
                    names.add(function);
                    named = true;
                }
                case "description" -> tool(here, cursor.keepText(here));
                case "parameters" -> {
                    SchemaText texts = new SchemaText();
                    cursor.keepTree(here, texts);
                    tool(here, texts.toString());
                }
                case "strict" -> {
                    if (cursor.isNull()) {
                        cursor.keep();
                    } else {
                        cursor.keepFlag(here);
                    }
                }
                default ->
                        throw new InvalidRequest(
                                here, "`" + here + "` is not a field of a function; remove it");
            }
        }
        cursor.keep();
        if (!named) {
            throw new InvalidRequest(at + ".name", "`" + at + ".name` is missing");
        }
    }

    private void part(String name, String text) {
        parts.add(new PromptPart(Channel.USER, name, text));
    }

    private void tool(String name, String text) {
        if (!text.isEmpty()) {
            parts.add(new PromptPart(Channel.TOOL, name, text));
        }
    }
}
