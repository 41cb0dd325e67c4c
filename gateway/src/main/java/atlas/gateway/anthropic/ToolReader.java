package atlas.gateway.anthropic;

import atlas.gateway.openai.InvalidRequest;
import atlas.gateway.openai.SchemaText;
import atlas.guard.Channel;
import atlas.guard.PromptPart;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the tools a model may call; all that is said of them is shown to it, so it is a part. */
final class ToolReader {
    private static final Set<String> TOOL =
            Set.of("name", "description", "input_schema", "type", "strict", "cache_control");

    private final List<PromptPart> parts;
    private final JsonGenerator out;

    ToolReader(List<PromptPart> parts, JsonGenerator out) {
        this.parts = parts;
        this.out = out;
    }

    /** Reads the array and gives the names. */
    List<String> tools(Node given) throws InvalidRequest, IOException {
        List<String> names = new ArrayList<>();
        List<Node> items = given.items();
        if (items.isEmpty()) {
            return names;
        }
        out.writeArrayFieldStart("tools");
        for (Node tool : items) {
            names.add(tool(tool, names));
        }
        out.writeEndArray();
        return names;
    }

    private String tool(Node tool, List<String> before) throws InvalidRequest, IOException {
        Optional<Node> type = tool.field("type");
        if (type.isPresent() && !type.get().text().equals("custom")) {
            throw type.get().wrong("must be `custom`: there are no tools of the server's here");
        }
        tool.knowing(TOOL);
        Node named = tool.needed("name");
        String name = named.identifier();
        if (before.contains(name)) {
            throw named.wrong("names a tool given before");
        }
        out.writeStartObject();
        out.writeStringField("type", "function");
        out.writeObjectFieldStart("function");
        out.writeStringField("name", name);
        Optional<Node> description = tool.field("description");
        if (description.isPresent()) {
            Node said = description.get();
            out.writeStringField("description", said.text());
            MessagesReader.part(parts, Channel.TOOL, said.at(), said.text());
        }
        Node schema = tool.needed("input_schema").object();
        SchemaText texts = new SchemaText();
        out.writeFieldName("parameters");
        schema.write(out, texts);
        MessagesReader.part(parts, Channel.TOOL, schema.at(), texts.toString());
        Optional<Node> strict = tool.field("strict");
        if (strict.isPresent()) {
            out.writeBooleanField("strict", strict.get().flag());
        }
        out.writeEndObject();
        out.writeEndObject();
        return name;
    }

    /** Reads which tool the model is to call. */
    void choice(Node choice, List<String> names) throws InvalidRequest, IOException {
        choice.knowing(Set.of("type", "name", "disable_parallel_tool_use"));
        Node type = choice.needed("type");
        Optional<Node> name = choice.field("name");
        if (name.isPresent() && !type.text().equals("tool")) {
            throw name.get().wrong("goes with the type `tool` only");
        }
        switch (type.text()) {
            case "auto", "none" -> out.writeStringField("tool_choice", type.text());
            case "any" -> out.writeStringField("tool_choice", "required");
            case "tool" -> {
                Node wanted = choice.needed("name");
                if (!names.contains(wanted.text())) {
                    throw wanted.wrong("is none of the `tools`");
                }
                out.writeObjectFieldStart("tool_choice");
                out.writeStringField("type", "function");
                out.writeObjectFieldStart("function");
                out.writeStringField("name", wanted.text());
                out.writeEndObject();
                out.writeEndObject();
            }
            default -> throw type.wrong("must be `auto`, `any`, `tool` or `none`");
        }
        Optional<Node> alone = choice.field("disable_parallel_tool_use");
        if (alone.isPresent()) {
            out.writeBooleanField("parallel_tool_calls", !alone.get().flag());
        }
    }
}
