package atlas.segmentation.file;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** The YAML of a policy file with its places, and the problems found in it so far. */
final class Tree {
    private static final int MAX_CHARACTERS = 64 << 20;

    /** {@code - to: external: denied}, which is what the published policy says and YAML is not. */
    private static final Pattern TWO_COLONS =
            Pattern.compile(
                    "(?m)^([ \\t]*-[ \\t]+(?:to|from):[ \\t]+)([\\w.-]+:[ \\t]+[\\w.-]+)["
                            + " \\t]*(\\r?)$");

    private final List<PolicyProblem> problems = new ArrayList<>();

    List<PolicyProblem> problems() {
        return problems;
    }

    /** The root node, or null with a problem. */
    @Nullable Node compose(String text) {
        LoadSettings settings =
                LoadSettings.builder()
                        .setLabel("policy")
                        .setAllowDuplicateKeys(false)
                        .setMaxAliasesForCollections(0)
                        .setCodePointLimit(MAX_CHARACTERS)
                        .setUseMarks(true)
                        .build();
        try {
            String yaml = TWO_COLONS.matcher(text).replaceAll("$1{$2}$3");
            Node root = new Compose(settings).composeString(yaml).orElse(null);
            if (root == null) {
                problems.add(new PolicyProblem(0, 0, "", "the file is empty", ""));
            }
            return root;
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark();
            problems.add(
                    new PolicyProblem(
                            mark.map(m -> m.getLine() + 1).orElse(0),
                            mark.map(m -> m.getColumn() + 1).orElse(0),
                            "",
                            "not YAML: " + e.getProblem(),
                            ""));
        } catch (YamlEngineException e) {
            problems.add(new PolicyProblem(0, 0, "", "not YAML", ""));
        }
        return null;
    }

    void problem(@Nullable Node node, String path, String message, String hint) {
        problems.add(new PolicyProblem(line(node), column(node), path, message, hint));
    }

    static int line(@Nullable Node node) {
        return node == null ? 0 : node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    static int column(@Nullable Node node) {
        return node == null ? 0 : node.getStartMark().map(mark -> mark.getColumn() + 1).orElse(0);
    }

    static boolean nothing(@Nullable Node node) {
        return node == null || (node instanceof ScalarNode && node.getTag().equals(Tag.NULL));
    }

    /** A key with its node, for its place, and its value. */
    record Entry(ScalarNode key, Node value) {}

    /** The entries of a mapping by key; what is none is a problem. */
    SequencedMap<String, Entry> mapping(@Nullable Node node, String path) {
        SequencedMap<String, Entry> entries = new LinkedHashMap<>();
        if (nothing(node)) {
            return entries;
        }
        if (!(node instanceof MappingNode mapping)) {
            problem(node, path, "must be a mapping", "");
            return entries;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problem(tuple.getKeyNode(), path, "a key must be a name", "");
            } else if (entries.put(key.getValue(), new Entry(key, tuple.getValueNode())) != null) {
                problem(key, path + "." + key.getValue(), "is given twice", "");
            }
        }
        return entries;
    }

    /** The items of a list; a single value is a list of one. */
    List<Node> items(@Nullable Node node) {
        if (nothing(node) || node == null) {
            return List.of();
        }
        return node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
    }

    /** The text of a single value, or null with a problem. */
    @Nullable String text(Node node, String path) {
        if (node instanceof ScalarNode scalar && !nothing(node)) {
            return scalar.getValue();
        }
        problem(node, path, "must be a single value", "");
        return null;
    }

    /** The texts of a list of single values. */
    List<String> texts(@Nullable Node node, String path) {
        List<String> texts = new ArrayList<>();
        for (Node item : items(node)) {
            String text = text(item, path);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }
}
