package atlas.registry.scan;

import atlas.registry.json.StrictJson;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** JSON side-cars: data, unless a name in them makes a loader import code or fetch something. */
final class JsonFile {
    static final String FORMAT = "json";

    private static final long MAX_BYTES = 64 << 20;
    private static final int MAX_ABOUT = 12;
    private static final Set<String> IMPORTING =
            Set.of(
                    "auto_map",
                    "auto_mapping",
                    "custom_pipelines",
                    "custom_pipeline",
                    "custom_code",
                    "custom_objects",
                    "_target_",
                    "__reduce__",
                    "py_module",
                    "python_code",
                    "eval",
                    "exec",
                    "code",
                    "__class__",
                    "pickle");
    private static final Set<String> LIBRARIES =
            Set.of("diffusers", "transformers", "onnxruntime", "stable_diffusion", "k_diffusion");
    private static final Set<String> TOLD =
            Set.of("model_type", "license", "torch_dtype", "vocab_size", "tokenizer_class");

    // What a model's description has no business holding: credentials, commands, places to call.
    private static final Pattern FOREIGN =
            Pattern.compile(
                    "(?i)api_?key|secret|password|exfil\\w*|\\w*_?command|remote_url|callback_url"
                            + "|webhook(_url)?|(api_)?endpoint");

    private static final Pattern MODULE =
            Pattern.compile(
                    "sentence_transformers\\.(models|sentence_transformer\\.modules)(\\.\\w+)+");

    private JsonFile() {}

    static void examine(ByteSource source, Examination out) throws IOException, Malformed {
        byte[] bytes = new ByteWindow(source).bytes(source.length(), MAX_BYTES);
        JsonNode root;
        try {
            root = StrictJson.parse(bytes);
        } catch (StrictJson.NotJson e) {
            throw new Malformed("not strict JSON: " + e.getMessage(), Math.max(0, e.offset()));
        }
        if (out.name().equals(LineageFile.NAME)) {
            LineageFile.examine(root, out);
            return;
        }
        walk(root, "", out);
        if (root.isArray()) {
            modules(root, out);
        }
        if (root.has("_class_name")) {
            pipeline(root, out);
        }
        int told = 0;
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            if (TOLD.contains(entry.getKey())
                    && entry.getValue().isValueNode()
                    && told++ < MAX_ABOUT) {
                out.about(entry.getKey(), entry.getValue().asText());
            }
        }
    }

    private static void walk(JsonNode node, String name, Examination out) {
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                member(entry.getKey(), entry.getValue(), name, out);
            }
        } else if (node.isArray()) {
            for (JsonNode element : node) {
                walk(element, name, out);
            }
        } else if (node.isTextual() && name.contains("template")) {
            ChatTemplate.examine(node.textValue(), 0, out);
        }
    }

    private static void member(String name, JsonNode value, String parent, Examination out) {
        boolean vocabulary = parent.equals("vocab");
        if (!vocabulary && IMPORTING.contains(name) && !value.isNull() && !value.isNumber()) {
            out.refuse("`" + name + "` makes a loader import code", 0);
        } else if (name.equals("trust_remote_code") && !isFalse(value)) {
            out.refuse("`trust_remote_code` has no place in data", 0);
        } else if (!vocabulary && value.isTextual() && FOREIGN.matcher(name).matches()) {
            out.refuse("a credential, a command or a place to call has no place in data", 0);
        } else if (name.equals("weight_map")) {
            weightMap(value, out);
        } else if (name.endsWith("model_name_or_path") && value.asText("").contains("://")) {
            out.flag("`" + name + "` is a place to fetch from; it must not be fetched", 0);
        } else if (name.equals("_name_or_path") && value.asText("").contains("/")) {
            out.flag("`_name_or_path` names a remote place; it must not be fetched", 0);
        }
        walk(value, inherited(name, parent), out);
    }

    // A list of {name, template} below chat_template is still templates.
    private static String inherited(String name, String parent) {
        return parent.contains("template") && !name.contains("template") ? parent : name;
    }

    private static boolean isFalse(JsonNode value) {
        return value.isBoolean() && !value.booleanValue();
    }

    private static void weightMap(JsonNode map, Examination out) {
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String file = entry.getValue().asText("");
            if (!FileNames.isReference(file) || FileNames.isCodeBearing(file)) {
                out.refuse("`weight_map` points outside of the model or to a code-bearing file", 0);
                return;
            }
        }
    }

    // A pipeline names the library and the class of each of its parts.
    private static void pipeline(JsonNode pipeline, Examination out) {
        for (Map.Entry<String, JsonNode> part : pipeline.properties()) {
            JsonNode library = part.getValue().path(0);
            boolean named = part.getValue().isArray() && part.getValue().size() == 2;
            boolean foreign = library.isTextual() && !LIBRARIES.contains(library.textValue());
            boolean classes = part.getKey().equals("_class_name") && !part.getValue().isTextual();
            if ((named && foreign && part.getValue().path(1).isTextual()) || classes) {
                out.refuse("the pipeline makes a loader import a foreign class", 0);
                return;
            }
        }
    }

    private static void modules(JsonNode modules, Examination out) {
        for (JsonNode module : modules) {
            boolean listsModules = module.has("idx") && module.has("type");
            if (listsModules && !MODULE.matcher(module.path("type").asText("")).matches()) {
                out.refuse("the list of modules makes a loader import a foreign class", 0);
                return;
            }
        }
    }
}
