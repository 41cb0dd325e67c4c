package atlas.segmentation.cluster;

import atlas.segmentation.graph.Pods;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Weakening;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;

/** Manifests as trees of maps and lists, and as text. */
final class Manifests {
    private Manifests() {}

    /** Names and values in turn; what is empty is left out by whoever calls. */
    static SequencedMap<String, Object> map(Object... pairs) {
        SequencedMap<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }

    static SequencedMap<String, Object> manifest(
            String version, String kind, String name, String namespace, Object spec) {
        return map(
                "apiVersion",
                version,
                "kind",
                kind,
                "metadata",
                map(
                        "name",
                        name,
                        "namespace",
                        namespace,
                        "labels",
                        map("app.kubernetes.io/managed-by", "atlas")),
                "spec",
                spec);
    }

    static SequencedMap<String, Object> labels(Pods pods) {
        return new LinkedHashMap<>(pods.labels());
    }

    /** Quotes what readers of older YAML take for a number or a truth value. */
    private static final class Quoting extends StandardRepresenter {
        private static final Pattern PLAIN =
                Pattern.compile("(?!(?i:y|yes|n|no|on|off|true|false|null)$)[A-Za-z/][^:#]*");

        Quoting(DumpSettings settings) {
            super(settings);
            representers.put(
                    String.class,
                    text ->
                            representScalar(
                                    Tag.STR,
                                    (String) text,
                                    PLAIN.matcher((String) text).matches()
                                            ? ScalarStyle.PLAIN
                                            : ScalarStyle.DOUBLE_QUOTED));
        }
    }

    static String text(String kind, List<Weakening> weakenings, List<?> documents) {
        StringBuilder text = new StringBuilder();
        text.append("# Network policy compiled by Atlas for ").append(kind);
        text.append(". Change the policy, not this file.\n");
        weakenings.forEach(
                weaker -> text.append("# weaker than the policy: ").append(weaker).append('\n'));
        DumpSettings settings =
                DumpSettings.builder()
                        .setDefaultFlowStyle(FlowStyle.BLOCK)
                        .setIndent(2)
                        .setWidth(200)
                        .setDereferenceAliases(true)
                        .build();
        Dump dump = new Dump(settings, new Quoting(settings));
        for (Object document : documents) {
            text.append("---\n").append(dump.dumpToString(document));
        }
        return text.toString();
    }

    /** The documents of a text; lists of Kubernetes count as what is in them. */
    static List<Map<String, Object>> read(String text) throws NotUnderstoodException {
        List<Map<String, Object>> documents = new ArrayList<>();
        try {
            Load load =
                    new Load(
                            LoadSettings.builder()
                                    .setAllowDuplicateKeys(false)
                                    .setCodePointLimit(256 << 20)
                                    .build());
            for (Object document : load.loadAllFromString(text)) {
                if (document == null) {
                    continue;
                }
                Map<String, Object> manifest = object(document);
                if ("List".equals(manifest.get("kind"))) {
                    for (Object item : list(manifest.get("items"))) {
                        documents.add(object(item));
                    }
                } else {
                    documents.add(manifest);
                }
            }
        } catch (YamlEngineException e) {
            throw new NotUnderstoodException(0, "not YAML");
        }
        return documents;
    }

    static Map<String, Object> object(@org.jspecify.annotations.Nullable Object node)
            throws NotUnderstoodException {
        Map<String, Object> object = new LinkedHashMap<>();
        if (node == null) {
            return object;
        }
        if (!(node instanceof Map<?, ?> map)) {
            throw new NotUnderstoodException(0, "`" + node + "` should be a mapping");
        }
        map.forEach((key, value) -> object.put(String.valueOf(key), value));
        return object;
    }

    static List<?> list(@org.jspecify.annotations.Nullable Object node)
            throws NotUnderstoodException {
        if (node == null) {
            return List.of();
        }
        if (!(node instanceof List<?> list)) {
            throw new NotUnderstoodException(0, "`" + node + "` should be a list");
        }
        return list;
    }

    /** Refuses a mapping with keys that are not known here. */
    static Map<String, Object> known(Map<String, Object> object, String... keys)
            throws NotUnderstoodException {
        for (String key : object.keySet()) {
            if (!List.of(keys).contains(key)) {
                throw new NotUnderstoodException(
                        0, "`" + key + "` is not understood here, so nothing is proved");
            }
        }
        return object;
    }

    static Map<String, String> strings(@org.jspecify.annotations.Nullable Object node)
            throws NotUnderstoodException {
        Map<String, String> strings = new LinkedHashMap<>();
        object(node).forEach((key, value) -> strings.put(key, String.valueOf(value)));
        return strings;
    }
}
