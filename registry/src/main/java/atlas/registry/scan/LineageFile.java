package atlas.registry.scan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * What a model was made of, in {@code atlas-lineage.json} beside it and signed with it: base
 * models, adapters and datasets, each by name and SHA-256. Strict, as the answer is handed on to
 * auditors.
 */
final class LineageFile {
    static final String NAME = "atlas-lineage.json";

    private static final int MOST = 64;
    private static final int MAX_NAME = 200;
    private static final Map<String, String> KINDS =
            Map.of("base_models", "base-model", "adapters", "adapter", "datasets", "dataset");

    private LineageFile() {}

    static void examine(JsonNode root, Examination out) throws Malformed {
        if (!root.isObject()) {
            throw new Malformed("the lineage is not an object", 0);
        }
        for (Map.Entry<String, JsonNode> list : root.properties()) {
            String kind = KINDS.get(list.getKey());
            if (kind == null || !list.getValue().isArray() || list.getValue().size() > MOST) {
                throw new Malformed(
                        "a lineage has lists of at most 64: base_models, adapters, datasets", 0);
            }
            int index = 0;
            for (JsonNode part : list.getValue()) {
                out.about("lineage." + kind + "." + index++, part(part));
            }
        }
    }

    private static String part(JsonNode part) throws Malformed {
        String name = part.path("name").asText("");
        String sha256 = part.path("sha256").asText("");
        boolean plain =
                part.isObject()
                        && only(part, Set.of("name", "sha256"))
                        && part.path("name").isTextual()
                        && !name.isBlank()
                        && name.length() <= MAX_NAME
                        && name.chars().noneMatch(Character::isISOControl)
                        && sha256.matches("[0-9a-f]{64}");
        if (!plain) {
            throw new Malformed(
                    "a part of a lineage has a name and a sha256 of 64 lower-case hex digits", 0);
        }
        return "sha256:" + sha256 + " " + name;
    }

    private static boolean only(JsonNode node, Set<String> names) {
        for (Iterator<String> it = node.fieldNames(); it.hasNext(); ) {
            if (!names.contains(it.next())) {
                return false;
            }
        }
        return true;
    }
}
