package atlas.gateway.anthropic;

import atlas.core.json.Json;
import atlas.gateway.openai.InvalidRequest;
import atlas.guard.Channel;
import atlas.guard.PromptPart;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the instructions and messages and writes them as a chat's. Every text becomes a part with
 * its path and the channel it came through: what a tool said and what a document holds are not the
 * user's words, though they come in the user's message.
 */
final class Conversation {
    private static final String DOCUMENTS =
            "must be `text` or `content`: only text can be inspected";

    private final List<PromptPart> parts;
    private final JsonGenerator out;

    Conversation(List<PromptPart> parts, JsonGenerator out) {
        this.parts = parts;
        this.out = out;
    }

    void write(Node body) throws InvalidRequest, IOException {
        out.writeArrayFieldStart("messages");
        Optional<Node> system = body.field("system");
        if (system.isPresent()) {
            List<String> said = texts(system.get(), Channel.SYSTEM);
            if (!said.isEmpty()) {
                message("system", said);
            }
        }
        Node messages = body.needed("messages");
        List<Node> items = messages.items();
        if (items.isEmpty()) {
            throw messages.wrong("is missing or has nothing in it");
        }
        String last = "";
        for (Node message : items) {
            message.knowing(Set.of("role", "content"));
            Node role = message.needed("role");
            Node content = message.needed("content");
            last = role.text();
            switch (last) {
                case "user" -> user(content);
                case "assistant" -> assistant(content);
                default ->
                        throw role.wrong(
                                "must be `user` or `assistant`; instructions go into `system`");
            }
        }
        if (!last.equals("user")) {
            throw items.getLast().wrong("must be the user's: an answer cannot be gone on with");
        }
        out.writeEndArray();
    }

    private void user(Node content) throws InvalidRequest, IOException {
        if (content.isText()) {
            message("user", texts(content, Channel.USER));
            return;
        }
        List<String> said = new ArrayList<>();
        for (Node block : blocks(content)) {
            Node type = block.needed("type");
            switch (type.text()) {
                case "text" -> said.add(text(block, Channel.USER));
                case "document" -> said.add(document(block));
                case "tool_result" -> {
                    if (!said.isEmpty()) {
                        throw block.wrong("must come before the text of its message");
                    }
                    toolResult(block);
                }
                default -> throw unseen(type, "`text`, `document` or `tool_result`");
            }
        }
        if (!said.isEmpty()) {
            message("user", said);
        }
    }

    private void assistant(Node content) throws InvalidRequest, IOException {
        if (content.isText()) {
            message("assistant", texts(content, Channel.ASSISTANT));
            return;
        }
        List<String> said = new ArrayList<>();
        List<Node> calls = new ArrayList<>();
        for (Node block : blocks(content)) {
            Node type = block.needed("type");
            switch (type.text()) {
                case "text" -> said.add(text(block, Channel.ASSISTANT));
                case "tool_use" -> calls.add(block);
                default -> throw unseen(type, "`text` or `tool_use`");
            }
        }
        out.writeStartObject();
        out.writeStringField("role", "assistant");
        content(said);
        if (!calls.isEmpty()) {
            out.writeArrayFieldStart("tool_calls");
            for (Node call : calls) {
                call(call);
            }
            out.writeEndArray();
        }
        out.writeEndObject();
    }

    private void call(Node call) throws InvalidRequest, IOException {
        call.knowing(Set.of("type", "id", "name", "input", "cache_control"));
        Node input = call.needed("input").object();
        String arguments =
                new String(Json.bytes(to -> input.write(to, _ -> {})), StandardCharsets.UTF_8);
        MessagesReader.part(parts, Channel.ASSISTANT, input.at(), arguments);
        out.writeStartObject();
        out.writeStringField("id", call.needed("id").identifier());
        out.writeStringField("type", "function");
        out.writeObjectFieldStart("function");
        out.writeStringField("name", call.needed("name").identifier());
        out.writeStringField("arguments", arguments);
        out.writeEndObject();
        out.writeEndObject();
    }

    private void toolResult(Node block) throws InvalidRequest, IOException {
        block.knowing(Set.of("type", "tool_use_id", "content", "is_error", "cache_control"));
        Optional<Node> failed = block.field("is_error");
        String mark = failed.isPresent() && failed.get().flag() ? "Error: " : "";
        List<String> said = new ArrayList<>();
        Optional<Node> content = block.field("content");
        if (content.isPresent() && content.get().isText()) {
            said.add(mark + content.get().text());
            MessagesReader.part(parts, Channel.TOOL, content.get().at(), said.getFirst());
        } else if (content.isPresent()) {
            for (Node item : content.get().items()) {
                Node type = item.needed("type");
                said.add(
                        switch (type.text()) {
                            case "text" -> text(item, Channel.TOOL);
                            case "document" -> document(item);
                            default -> throw unseen(type, "`text` or `document`");
                        });
            }
            if (!mark.isEmpty()) {
                said.addFirst(mark);
            }
        }
        out.writeStartObject();
        out.writeStringField("role", "tool");
        out.writeStringField("tool_call_id", block.needed("tool_use_id").identifier());
        content(said.isEmpty() ? List.of(mark) : said);
        out.writeEndObject();
    }

    /** A document as one text: its title, what is said about it, and what is in it. */
    private String document(Node block) throws InvalidRequest {
        block.knowing(Set.of("type", "source", "title", "context", "citations", "cache_control"));
        Optional<Node> citations = block.field("citations");
        if (citations.isPresent()) {
            Optional<Node> on = citations.get().knowing(Set.of("enabled")).field("enabled");
            if (on.isPresent() && on.get().flag()) {
                throw on.get().wrong("must be false: this gateway does not cite");
            }
        }
        List<String> said = new ArrayList<>();
        for (String name : List.of("title", "context")) {
            Optional<Node> about = block.field(name);
            if (about.isPresent()) {
                said.add(about.get().text());
            }
        }
        Node source = block.needed("source");
        Node type = source.needed("type");
        switch (type.text()) {
            case "text" -> {
                source.knowing(Set.of("type", "media_type", "data"));
                if (!source.needed("media_type").text().equals("text/plain")) {
                    throw source.needed("media_type").wrong("must be `text/plain`");
                }
                said.add(source.needed("data").text());
            }
            case "content" -> {
                source.knowing(Set.of("type", "content"));
                Node content = source.needed("content");
                if (content.isText()) {
                    said.add(content.text());
                } else {
                    for (Node item : content.items()) {
                        said.add(words(item));
                    }
                }
            }
            default -> throw type.wrong(DOCUMENTS);
        }
        String whole = String.join("\n", said);
        MessagesReader.part(parts, Channel.DOCUMENT, block.at(), whole);
        return whole;
    }

    private List<String> texts(Node content, Channel channel) throws InvalidRequest {
        if (content.isText()) {
            MessagesReader.part(parts, channel, content.at(), content.text());
            return List.of(content.text());
        }
        List<String> said = new ArrayList<>();
        for (Node item : content.items()) {
            said.add(text(item, channel));
        }
        return said;
    }

    private String text(Node block, Channel channel) throws InvalidRequest {
        String text = words(block);
        MessagesReader.part(parts, channel, block.needed("text").at(), text);
        return text;
    }

    private static String words(Node block) throws InvalidRequest {
        Node type = block.needed("type");
        if (!type.text().equals("text")) {
            throw unseen(type, "`text`");
        }
        block.knowing(Set.of("type", "text", "cache_control"));
        return block.needed("text").text();
    }

    private static List<Node> blocks(Node content) throws InvalidRequest {
        List<Node> blocks = content.items();
        if (blocks.isEmpty()) {
            throw content.wrong("has nothing in it");
        }
        return blocks;
    }

    private static InvalidRequest unseen(Node type, String known) throws InvalidRequest {
        return switch (type.text()) {
            case "image" ->
                    type.wrong("cannot be `image`: an image cannot be inspected; send text");
            default -> type.wrong("must be " + known);
        };
    }

    private void message(String role, List<String> said) throws IOException {
        out.writeStartObject();
        out.writeStringField("role", role);
        content(said);
        out.writeEndObject();
    }

    private void content(List<String> said) throws IOException {
        if (said.isEmpty()) {
            out.writeNullField("content");
            return;
        }
        if (said.size() == 1) {
            out.writeStringField("content", said.getFirst());
            return;
        }
        out.writeArrayFieldStart("content");
        for (String text : said) {
            out.writeStartObject();
            out.writeStringField("type", "text");
            out.writeStringField("text", text);
            out.writeEndObject();
        }
        out.writeEndArray();
    }
}
