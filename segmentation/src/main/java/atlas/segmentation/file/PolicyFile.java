package atlas.segmentation.file;

import atlas.segmentation.file.Tree.Entry;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Segment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads a policy: all of it becomes a graph, or nothing of it. Pure; thread-safe. */
public final class PolicyFile {
    private PolicyFile() {}

    /** What reading came to. */
    public sealed interface Outcome {
        record Accepted(AccessGraph graph) implements Outcome {}

        /** Every problem, in the order of the file. */
        record Refused(List<PolicyProblem> problems) implements Outcome {}
    }

    public static Outcome read(String text) {
        Tree tree = new Tree();
        Node root = tree.compose(text);
        if (root == null) {
            return refused(tree);
        }
        SequencedMap<String, Entry> sections = tree.mapping(root, "");
        sections.forEach((name, entry) -> {
            if (!name.equals("network_policy") && !name.equals("segments")) {
                tree.problem(
                        entry.key(),
                        name,
                        "there is no such section",
                        Nearest.hint(name, List.of("network_policy", "segments")));
            }
        });
        Entry policy = sections.get("network_policy");
        if (policy == null) {
            tree.problem(root, "network_policy", "is missing", "");
            return refused(tree);
        }
        Entry declared = sections.get("segments");
        SequencedMap<String, Segment> segments =
                SegmentSection.read(declared == null ? null : declared.value(), tree);
        RuleSection.Said said = RuleSection.read(policy.value(), tree, segments);
        if (declared != null && tree.problems().isEmpty()) {
            tree.mapping(policy.value(), "network_policy")
                    .forEach((name, entry) -> {
                        if (absent(segments, name)) {
                            tree.problem(
                                    entry.key(),
                                    "network_policy." + name,
                                    "unknown segment `" + name + "`",
                                    Nearest.hint(name, segments.keySet()));
                        }
                    });
        }
        if (!tree.problems().isEmpty()) {
            return refused(tree);
        }
        Optional<AccessGraph> graph = new Weaving(tree, named(segments, said)).graph(said);
        return graph.isPresent() && tree.problems().isEmpty()
                ? new Outcome.Accepted(graph.get())
                : refused(tree);
    }

    /** What a name that is not known was probably meant to be. */
    public static String nearest(String given, Collection<String> known) {
        return Nearest.hint(given, known);
    }

    private static boolean absent(SequencedMap<String, Segment> segments, String name) {
        return !segments.containsKey(name) && !segments.containsKey(AccessGraph.otherName(name));
    }

    /** Every segment under the name the rules use for it. */
    private static SequencedMap<String, Segment> named(
            SequencedMap<String, Segment> declared, RuleSection.Said said) {
        Set<String> used = new LinkedHashSet<>(said.listed().keySet());
        said.rules().forEach(rule -> used.add(rule.peer()));
        used.remove(Segment.EXTERNAL);
        SequencedMap<String, Segment> named = new LinkedHashMap<>();
        declared.forEach((name, segment) -> {
            String other = AccessGraph.otherName(name);
            boolean renamed =
                    !used.contains(name) && used.contains(other) && !declared.containsKey(other);
            String known = renamed ? other : name;
            named.put(known, renamed(segment, known, said.listed().containsKey(known)));
        });
        for (String name : used) {
            if (absent(named, name)) {
                named.put(name, renamed(bare(name), name, said.listed().containsKey(name)));
            }
        }
        return named;
    }

    private static Segment bare(String name) {
        return new Segment(
                name,
                List.of(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                Segment.MONITORING_PORT,
                false);
    }

    private static Segment renamed(Segment segment, String name, boolean ruled) {
        return new Segment(
                name,
                segment.blocks(),
                segment.pods(),
                segment.identities(),
                segment.interfaces(),
                segment.hosts(),
                segment.monitoringPort(),
                ruled);
    }

    private static Outcome refused(Tree tree) {
        List<PolicyProblem> problems = new ArrayList<>(tree.problems());
        problems.sort(
                Comparator.comparingInt(PolicyProblem::line)
                        .thenComparingInt(PolicyProblem::column));
        return new Outcome.Refused(problems.stream().distinct().toList());
    }
}
