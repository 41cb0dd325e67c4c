package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.segmentation.Target;
import atlas.segmentation.file.PolicyFile.Outcome;
import atlas.segmentation.file.PolicyProblem;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.target.Compiled;
import atlas.segmentation.target.InexpressibleException;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Proof;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whether a policy holds together, and whether what is compiled from it is the policy. */
@Command(
        name = "check",
        description =
                "Whether a policy is sound, and whether what is compiled from it allows that and"
                        + " nothing else; exit status 1 when not.",
        footer =
                "%nExample:%n  atlas network check policy.yaml%n  atlas network check policy.yaml"
                        + " --target nftables --against /etc/atlas.nft")
final class NetworkCheck extends AtlasCommand {
    @Parameters(index = "0", paramLabel = "POLICY", description = "the policy file")
    private Path policy = Path.of("");

    @Option(
            names = "--target",
            paramLabel = "nftables|kubernetes|cilium|istio",
            description = "only this target (default: every one that can hold the policy)")
    private @Nullable Target target;

    @Option(
            names = "--against",
            paramLabel = "PATH",
            description =
                    "prove this text instead, a file or the folder `compile -o` wrote to; needs"
                            + " `--target`")
    private @Nullable Path against;

    @Override
    public Integer call() {
        if (against != null && target == null) {
            throw Stop.usage("`--against` needs `--target`, which says what the text is for");
        }
        return switch (NetworkPolicies.read(policy)) {
            case Outcome.Refused(var problems) -> refused(problems);
            case Outcome.Accepted(var graph) -> proved(graph);
        };
    }

    private int refused(List<PolicyProblem> problems) {
        ArrayNode rows = Remote.JSON.createArrayNode();
        for (PolicyProblem problem : problems) {
            ObjectNode row = rows.addObject();
            row.put("line", problem.line());
            row.put("column", problem.column());
            row.put("path", problem.path());
            row.put("problem", problem.message());
            row.put("hint", problem.hint());
        }
        if (terminal().json()) {
            ObjectNode said = Remote.object();
            said.put("policy", policy.toString());
            said.put("holds", false);
            said.set("problems", rows);
            terminal().object(said);
        } else {
            terminal()
                    .rows(
                            rows,
                            List.of(
                                    Column.field("LINE", "line"),
                                    Column.field("COLUMN", "column"),
                                    Column.field("PATH", "path"),
                                    Column.field("PROBLEM", "problem"),
                                    Column.field("HINT", "hint")));
        }
        return Main.NO;
    }

    private int proved(AccessGraph graph) {
        ObjectNode said = Remote.object();
        said.put("policy", policy.toString());
        said.put("holds", true);
        said.put("segments", graph.segments().size());
        said.put("flows", graph.flows().size());
        ArrayNode targets = said.putArray("targets");
        for (Target each : target == null ? List.of(Target.values()) : List.of(target)) {
            ObjectNode row = targets.addObject();
            row.put("target", each.lower());
            if (!one(each, graph, row)) {
                said.put("holds", false);
            }
        }
        print(said);
        return said.path("holds").asBoolean() ? Main.YES : Main.NO;
    }

    /** Whether nothing speaks against it. */
    private boolean one(Target each, AccessGraph graph, ObjectNode row) {
        try {
            String text;
            if (against == null) {
                Compiled compiled = each.compile(graph);
                text = compiled.text();
                ArrayNode weakenings = row.putArray("weakenings");
                compiled.weakenings().forEach(weaker -> weakenings.add(weaker.toString()));
            } else {
                text = NetworkPolicies.text(given(each, against));
            }
            Proof proof = each.prove(text, graph);
            row.put("proved", proof.holds());
            row.put("compared", proof.compared());
            ArrayNode differences = row.putArray("differences");
            proof.differences().forEach(difference -> differences.add(difference.toString()));
            if (proof.more() > 0) {
                row.put("moreDifferences", proof.more());
            }
            return proof.holds();
        } catch (InexpressibleException e) {
            ArrayNode reasons = row.putArray("cannotHold");
            e.reasons().forEach(reasons::add);
            // Asked for every target, one that cannot hold the policy is no fault of the policy.
            return target == null;
        } catch (NotUnderstoodException e) {
            throw Stop.unknown("`" + against + "` " + e.getMessage());
        }
    }

    private static Path given(Target each, Path against) {
        return Files.isDirectory(against) ? against.resolve(each.fileName()) : against;
    }

    private void print(ObjectNode said) {
        if (terminal().json()) {
            terminal().object(said);
            return;
        }
        terminal()
                .print(
                        Terminal.safe(policy.toString())
                                + ": "
                                + said.path("segments").asInt()
                                + " segments, "
                                + said.path("flows").asInt()
                                + " flows");
        for (JsonNode row : said.path("targets")) {
            String name = row.path("target").asText();
            if (row.has("cannotHold")) {
                row.path("cannotHold")
                        .forEach(why ->
                                terminal().print(name + ": cannot hold it: " + why.asText()));
                continue;
            }
            terminal()
                    .print(
                            name
                                    + ": "
                                    + (row.path("proved").asBoolean() ? "proved" : "differs")
                                    + ", "
                                    + row.path("compared").asLong()
                                    + " cases compared");
            row.path("weakenings")
                    .forEach(weaker -> terminal().print("  weaker: " + weaker.asText()));
            row.path("differences")
                    .forEach(difference -> terminal().print("  " + difference.asText()));
            if (row.has("moreDifferences")) {
                terminal().print("  and " + row.path("moreDifferences").asLong() + " more");
            }
        }
    }
}
