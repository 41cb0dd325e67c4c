package atlas.posture;

import atlas.posture.Rollout.Phase;
import atlas.posture.Rollout.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads a rollout file strictly: what it does not know, it refuses and says where. */
final class RolloutFile {
    private static final String ROOT = "zero_trust_rollout";
    private static final int MAX_CHARS = 1 << 20;

    private final String yaml;

    RolloutFile(String yaml) {
        this.yaml = yaml;
    }

    Rollout read() {
        MappingNode file = mapping(root(), "the file");
        List<Phase> phases = new ArrayList<>();
        for (NodeTuple entry : file.getValue()) {
            if (!name(entry).equals(ROOT)) {
                throw at(entry.getKeyNode(), unknown(name(entry), ROOT));
            }
            for (NodeTuple phase : mapping(entry.getValueNode(), "`" + ROOT + "`").getValue()) {
                phases.add(phase(phases.size() + 1, phase));
            }
        }
        if (phases.isEmpty()) {
            throw new RolloutException("the file has no phase under `" + ROOT + "`; add one");
        }
        return new Rollout(phases);
    }

    private Node root() {
        if (yaml.length() > MAX_CHARS) {
            throw new RolloutException("a rollout file has at most a million characters");
        }
        try {
            return new Compose(LoadSettings.builder().setAllowDuplicateKeys(false).build())
                    .composeString(yaml)
                    .orElseThrow(() ->
                            new RolloutException("the file is empty; begin with `" + ROOT + ":`"));
        } catch (MarkedYamlEngineException e) {
            String where =
                    e.getProblemMark()
                            .map(mark -> place(mark.getLine(), mark.getColumn()))
                            .orElse("");
            throw new RolloutException(where + "not YAML: " + e.getProblem(), e);
        } catch (YamlEngineException e) {
            throw new RolloutException("not YAML: " + e.getMessage(), e);
        }
    }

    private static Phase phase(int number, NodeTuple entry) {
        String name = name(entry);
        List<Task> tasks = List.of();
        for (NodeTuple field : mapping(entry.getValueNode(), "`" + name + "`").getValue()) {
            switch (name(field)) {
                case "name" -> name = text(field.getValueNode(), "`name`");
                case "tasks" -> tasks = tasks(field.getValueNode());
                default -> throw at(field.getKeyNode(), unknown(name(field), "name", "tasks"));
            }
        }
        if (tasks.isEmpty()) {
            throw at(entry.getKeyNode(), "a phase has `tasks`, a list that is not empty");
        }
        return new Phase(number, name, tasks);
    }

    private static List<Task> tasks(Node node) {
        if (!(node instanceof SequenceNode list)) {
            throw at(node, "`tasks` is a list; put `- ` before each task");
        }
        List<Task> tasks = new ArrayList<>();
        for (Node item : list.getValue()) {
            tasks.add(item instanceof MappingNode map ? task(map) : plain(item));
        }
        return tasks;
    }

    private static Task plain(Node item) {
        String text = text(item, "a task");
        return new Task(text, Control.of(text), false);
    }

    private static Task task(MappingNode map) {
        String text = "";
        Optional<Control> control = Optional.empty();
        boolean claimed = false;
        for (NodeTuple field : map.getValue()) {
            Node value = field.getValueNode();
            switch (name(field)) {
                case "task" -> text = text(value, "`task`");
                case "control" -> control = Optional.of(control(value));
                case "claimed" -> claimed = bool(value);
                default ->
                        throw at(
                                field.getKeyNode(),
                                unknown(name(field), "task", "control", "claimed"));
            }
        }
        if (text.isBlank()) {
            throw at(map, "a task has a `task`, what is to be done");
        }
        String words = text;
        return new Task(text, control.or(() -> Control.of(words)), claimed);
    }

    private static Control control(Node value) {
        String name = text(value, "`control`");
        return Control.ofWireName(name)
                .orElseThrow(() ->
                        at(
                                value,
                                "there is no check `%s`; there are %s"
                                        .formatted(
                                                name,
                                                Arrays.stream(Control.values())
                                                        .map(c -> "`" + c.wireName() + "`")
                                                        .collect(Collectors.joining(", ")))));
    }

    private static boolean bool(Node value) {
        return switch (text(value, "`claimed`")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw at(value, "`claimed` is true or false");
        };
    }

    private static MappingNode mapping(Node node, String what) {
        if (node instanceof MappingNode map) {
            return map;
        }
        throw at(node, what + " is a mapping of names to values");
    }

    private static String name(NodeTuple entry) {
        return text(entry.getKeyNode(), "a name");
    }

    private static String text(Node node, String what) {
        if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
            return scalar.getValue();
        }
        throw at(node, what + " is a text");
    }

    private static String unknown(String name, String... known) {
        return "`" + name + "` is not known here; known are " + String.join(", ", known);
    }

    private static RolloutException at(Node node, String message) {
        return new RolloutException(
                node.getStartMark().map(mark -> place(mark.getLine(), mark.getColumn())).orElse("")
                        + message);
    }

    private static String place(int line, int column) {
        return "line " + (line + 1) + ", column " + (column + 1) + ": ";
    }
}
