package atlas.registry.scan;

import atlas.registry.json.StrictJson;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;

/** Names what in a Keras configuration makes its loader run or import something. */
final class KerasConfig {
    private static final Set<String> RUNNING =
            Set.of("Lambda", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "TFSMLayer");
    private static final Set<String> NAMING = Set.of("module", "registered_name", "fn_module");

    private KerasConfig() {}

    static void explain(String where, byte[] json, long offset, Examination out) {
        try {
            walk(StrictJson.parse(json), where, offset, out);
        } catch (StrictJson.NotJson e) {
            out.refuse(where + "is not strict JSON: " + e.getMessage(), offset);
        }
    }

    private static void walk(JsonNode node, String where, long offset, Examination out) {
        String type = node.path("class_name").asText("");
        if (RUNNING.contains(type) || type.equals("function") || type.equals("__lambda__")) {
            out.refuse(where + "has a `" + type + "`, which runs code when it is loaded", offset);
        }
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            String value = member.getValue().asText("");
            boolean foreign =
                    NAMING.contains(member.getKey())
                            && !value.isEmpty()
                            && !value.startsWith("keras")
                            && !value.startsWith("builtins");
            if (foreign && member.getKey().endsWith("module")) {
                out.refuse(where + "makes its loader import a module", offset);
            }
        }
        node.forEach(child -> walk(child, where, offset, out));
    }
}
