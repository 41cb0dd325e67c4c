package atlas.segmentation.file;

import atlas.core.Cidr;
import atlas.core.Glob;
import atlas.segmentation.file.Tree.Entry;
import atlas.segmentation.graph.Block;
import atlas.segmentation.graph.Pods;
import atlas.segmentation.graph.Segment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The {@code segments} section: which name is which addresses, pods and identities. */
final class SegmentSection {
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?");
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}");
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern LABEL =
            Pattern.compile("([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?" + NAME.pattern());
    private static final Pattern SPIFFE =
            Pattern.compile("spiffe://[a-z0-9._-]+(/[A-Za-z0-9._*-]+)+|spiffe://[a-z0-9._-]+/\\*");
    private static final Set<String> KEYS =
            Set.of("cidrs", "hosts", "interfaces", "kubernetes", "monitoring_port", "spiffe");
    private static final Map<String, String> ALSO =
            Map.of(
                    "cidr", "cidrs",
                    "addresses", "cidrs",
                    "interface", "interfaces",
                    "k8s", "kubernetes",
                    "spiffe_id", "spiffe",
                    "spiffe_ids", "spiffe");
    private static final Set<String> POD_KEYS = Set.of("enforce", "labels", "namespace");

    private final Tree tree;
    private final SequencedMap<String, Segment> segments = new LinkedHashMap<>();
    private final Map<String, Node> places = new LinkedHashMap<>();

    private SegmentSection(Tree tree) {
        this.tree = tree;
    }

    /** The segments by name; problems go to the tree. */
    static SequencedMap<String, Segment> read(@Nullable Node node, Tree tree) {
        SegmentSection section = new SegmentSection(tree);
        section.tree.mapping(node, "segments").forEach(section::segment);
        section.overlaps();
        return section.segments;
    }

    private void segment(String name, Entry entry) {
        String path = "segments." + name;
        if (!NAME.matcher(name).matches()) {
            tree.problem(entry.key(), path, "is not a name", "use letters, digits, `_`, `-`, `.`");
            return;
        }
        if (name.equals(Segment.EXTERNAL)) {
            tree.problem(
                    entry.key(),
                    path,
                    "`external` is every address that lies in no segment",
                    "choose another name");
            return;
        }
        places.put(name, entry.key());
        SequencedMap<String, Entry> given = new LinkedHashMap<>();
        if (entry.value() instanceof SequenceNode) {
            given.put("cidrs", entry);
        } else {
            tree.mapping(entry.value(), path)
                    .forEach((key, value) -> {
                        String known = key.toLowerCase(Locale.ROOT).replace('-', '_');
                        given.put(ALSO.getOrDefault(known, known), value);
                    });
        }
        unknown(given, KEYS, path);
        List<Block> blocks = blocks(value(given, "cidrs"), path + ".cidrs");
        segments.put(
                name,
                new Segment(
                        name,
                        blocks,
                        pods(name, value(given, "kubernetes"), path + ".kubernetes"),
                        identities(value(given, "spiffe"), path + ".spiffe"),
                        interfaces(value(given, "interfaces"), path + ".interfaces"),
                        hosts(value(given, "hosts"), blocks, path + ".hosts"),
                        monitoringPort(value(given, "monitoring_port"), path + ".monitoring_port"),
                        false));
    }

    private static @Nullable Node value(Map<String, Entry> given, String key) {
        Entry entry = given.get(key);
        return entry == null ? null : entry.value();
    }

    private void unknown(Map<String, Entry> given, Set<String> known, String path) {
        given.forEach((key, entry) -> {
            if (!known.contains(key)) {
                tree.problem(
                        entry.key(),
                        path + "." + entry.key().getValue(),
                        "there is no such key",
                        Nearest.hint(key, known.stream().sorted().toList()));
            }
        });
    }

    private List<Block> blocks(@Nullable Node node, String path) {
        List<Block> blocks = new ArrayList<>();
        for (Node item : tree.items(node)) {
            String text = tree.text(item, path);
            if (text == null) {
                continue;
            }
            try {
                Cidr cidr = Cidr.parse(text);
                if (cidr.prefix() == 0) {
                    tree.problem(
                            item,
                            path,
                            "`" + text + "` is the whole world",
                            "what lies in no segment is called `external`");
                    continue;
                }
                Block block = Block.of(cidr);
                for (Block other : blocks) {
                    if (other.overlaps(block)) {
                        tree.problem(item, path, "`" + text + "` overlaps `" + other + "`", "");
                    }
                }
                blocks.add(block);
            } catch (IllegalArgumentException e) {
                tree.problem(item, path, String.valueOf(e.getMessage()), "");
            }
        }
        return blocks;
    }

    private Optional<Pods> pods(String name, @Nullable Node node, String path) {
        if (node == null) {
            return Optional.empty();
        }
        SequencedMap<String, Entry> given = new LinkedHashMap<>();
        tree.mapping(node, path)
                .forEach((key, entry) -> {
                    // As manifests write them, too.
                    switch (key) {
                        case "podSelector", "pod_selector" ->
                                selector(given, "labels", entry, path + "." + key);
                        case "namespaceSelector", "namespace_selector" ->
                                namespace(given, entry, path + "." + key);
                        default -> given.put(key, entry);
                    }
                });
        unknown(given, POD_KEYS, path);
        Entry place = given.get("namespace");
        String namespace = place == null ? null : tree.text(place.value(), path + ".namespace");
        if (place != null && namespace != null && !NAMESPACE.matcher(namespace).matches()) {
            tree.problem(place.value(), path + ".namespace", "is not the name of a namespace", "");
        }
        SequencedMap<String, String> labels = new LinkedHashMap<>();
        new TreeMap<>(tree.mapping(value(given, "labels"), path + ".labels"))
                .forEach((key, entry) -> {
                    String at = path + ".labels." + key;
                    String text = tree.text(entry.value(), at);
                    if (text != null
                            && LABEL.matcher(key).matches()
                            && NAME.matcher(text).matches()) {
                        labels.put(key, text);
                    } else if (text != null) {
                        tree.problem(entry.key(), at, "is not a label", "");
                    }
                });
        if (!given.containsKey("labels")) {
            labels.put(Pods.LABEL, name);
        }
        boolean enforced = true;
        if (given.containsKey("enforce")) {
            String text = tree.text(given.get("enforce").value(), path + ".enforce");
            enforced = !"false".equals(text);
            if (text != null && enforced && !"true".equals(text)) {
                tree.problem(
                        given.get("enforce").value(),
                        path + ".enforce",
                        "is not a truth value",
                        "write `true` or `false`");
            }
        }
        return Optional.of(
                new Pods(namespace == null ? Pods.NAMESPACE : namespace, labels, enforced));
    }

    /** {@code matchLabels} of a selector, under another name. */
    private void selector(Map<String, Entry> given, String as, Entry entry, String path) {
        SequencedMap<String, Entry> inner = tree.mapping(entry.value(), path);
        inner.forEach((key, value) -> {
            if (key.equals("matchLabels")) {
                given.put(as, value);
            } else {
                tree.problem(
                        value.key(), path + "." + key, "is not offered", "select by `matchLabels`");
            }
        });
    }

    private void namespace(Map<String, Entry> given, Entry entry, String path) {
        Map<String, Entry> inner = new LinkedHashMap<>();
        selector(inner, "labels", entry, path);
        SequencedMap<String, Entry> labels = tree.mapping(value(inner, "labels"), path);
        Entry name = labels.get("kubernetes.io/metadata.name");
        if (name == null || labels.size() > 1) {
            tree.problem(
                    entry.key(),
                    path,
                    "a namespace is known by its name alone",
                    "write `namespace: NAME`");
            return;
        }
        given.put("namespace", name);
    }

    private List<String> identities(@Nullable Node node, String path) {
        List<String> identities = new ArrayList<>();
        for (Node item : tree.items(node)) {
            String text = tree.text(item, path);
            if (text == null) {
                continue;
            }
            if (text.length() > 200 || !SPIFFE.matcher(text).matches()) {
                tree.problem(
                        item,
                        path,
                        "`" + text + "` is not a SPIFFE ID",
                        "write it like `spiffe://trust.domain/path`, `*` for any run of"
                                + " characters");
            } else {
                identities.add(text);
            }
        }
        return identities;
    }

    private List<String> interfaces(@Nullable Node node, String path) {
        List<String> interfaces = new ArrayList<>();
        for (Node item : tree.items(node)) {
            String text = tree.text(item, path);
            if (text != null && INTERFACE.matcher(text).matches()) {
                interfaces.add(text);
            } else if (text != null) {
                tree.problem(item, path, "`" + text + "` is not the name of an interface", "");
            }
        }
        return interfaces;
    }

    private List<String> hosts(@Nullable Node node, List<Block> blocks, String path) {
        List<String> hosts = new ArrayList<>();
        for (Node item : tree.items(node)) {
            String text = tree.text(item, path);
            if (text != null && blocks.stream().anyMatch(b -> b.cidr().contains(text))) {
                hosts.add(text);
            } else if (text != null) {
                tree.problem(item, path, "`" + text + "` is not an address of this segment", "");
            }
        }
        return hosts;
    }

    private int monitoringPort(@Nullable Node node, String path) {
        String text = node == null ? null : tree.text(node, path);
        if (node == null || text == null) {
            return Segment.MONITORING_PORT;
        }
        return PortList.one(text)
                .orElseGet(() -> {
                    tree.problem(node, path, "`" + text + "` is not a port", "1 to 65535");
                    return Segment.MONITORING_PORT;
                });
    }

    /** What would belong to two segments at once. */
    private void overlaps() {
        List<Segment> all = List.copyOf(segments.values());
        addresses(all);
        for (int i = 0; i < all.size(); i++) {
            for (int j = 0; j < i; j++) {
                Segment one = all.get(i);
                Segment other = all.get(j);
                for (String identity : one.identities()) {
                    if (other.identities().stream().anyMatch(id -> same(id, identity))) {
                        overlap(one, "spiffe", "`" + identity + "`", other);
                    }
                }
                if (one.pods().isPresent()
                        && other.pods().isPresent()
                        && same(one.pods().get(), other.pods().get())) {
                    overlap(one, "kubernetes", "these pods", other);
                }
                for (String name : one.interfaces()) {
                    if (other.interfaces().contains(name)) {
                        overlap(one, "interfaces", "`" + name + "`", other);
                    }
                }
            }
        }
    }

    private record Owned(Block block, Segment owner) {}

    /** Sorted by their first address, overlapping blocks are neighbours of a widest one. */
    private void addresses(List<Segment> all) {
        List<Owned> owned = new ArrayList<>();
        all.forEach(s -> s.blocks().forEach(block -> owned.add(new Owned(block, s))));
        owned.sort((one, other) -> one.block().compareTo(other.block()));
        Owned widest = null;
        for (Owned next : owned) {
            if (widest != null
                    && !widest.owner().name().equals(next.owner().name())
                    && widest.block().overlaps(next.block())) {
                overlap(next.owner(), "cidrs", "`" + next.block() + "`", widest.owner());
            }
            if (widest == null
                    || widest.block().family() != next.block().family()
                    || widest.block().last().compareTo(next.block().last()) < 0) {
                widest = next;
            }
        }
    }

    private void overlap(Segment one, String key, String what, Segment other) {
        tree.problem(
                places.get(one.name()),
                "segments." + one.name() + "." + key,
                "overlap: " + what + " would belong to `" + other.name() + "`, too",
                "a workload belongs to one segment");
    }

    private static boolean same(String one, String other) {
        return new Glob(one).matches(other) || new Glob(other).matches(one);
    }

    private static boolean same(Pods one, Pods other) {
        return one.namespace().equals(other.namespace())
                && (one.labels().entrySet().containsAll(other.labels().entrySet())
                        || other.labels().entrySet().containsAll(one.labels().entrySet()));
    }
}
