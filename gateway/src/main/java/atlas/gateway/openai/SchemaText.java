package atlas.gateway.openai;

import java.util.Set;
import java.util.function.Consumer;

/**
 * Collects what a schema says in words: every name and string in it, a line each, without the
 * vocabulary of JSON Schema itself, which is the same in all of them and says nothing.
 */
public final class SchemaText implements Consumer<String> {
    private static final Set<String> VOCABULARY =
            Set.of(
                    "type",
                    "object",
                    "array",
                    "string",
                    "number",
                    "integer",
                    "boolean",
                    "null",
                    "properties",
                    "required",
                    "items",
                    "enum",
                    "const",
                    "description",
                    "title",
                    "default",
                    "format",
                    "anyOf",
                    "allOf",
                    "oneOf",
                    "$ref",
                    "$defs",
                    "definitions",
                    "additionalProperties",
                    "minimum",
                    "maximum",
                    "minLength",
                    "maxLength",
                    "minItems",
                    "maxItems",
                    "pattern",
                    "json_schema",
                    "json_object",
                    "schema",
                    "strict",
                    "name",
                    "function",
                    "text",
                    "auto",
                    "none");

    private final StringBuilder texts = new StringBuilder();

    @Override
    public void accept(String text) {
        if (!VOCABULARY.contains(text)) {
            texts.append(texts.isEmpty() ? "" : "\n").append(text);
        }
    }

    @Override
    public String toString() {
        return texts.toString();
    }
}
