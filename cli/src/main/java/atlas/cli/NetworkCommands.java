package atlas.cli;

import atlas.segmentation.Target;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.AccessGraph.Verdict;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Ports;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.graph.Transport;
import atlas.segmentation.target.Compiled;
import atlas.segmentation.target.InexpressibleException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Segmentation: one policy, compiled, proved, asked, tried. */
@Command(
        name = "network",
        description = "Compile, prove and probe a network policy.",
        subcommands = {
            NetworkCommands.Compile.class,
            NetworkCheck.class,
            NetworkCommands.Reach.class,
            NetworkProbe.class,
            NetworkDrift.class
        })
final class NetworkCommands extends Group {

    @Command(
            name = "compile",
            description = "Write what enforces a policy; nothing is written that was not proved.",
            footer = "%nExample:%n  atlas network compile policy.yaml --target nftables -o build/")
    static final class Compile extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "POLICY", description = "the policy file")
        private Path policy = Path.of("");

        @Option(
                names = "--target",
                required = true,
                paramLabel = "nftables|kubernetes|cilium|istio",
                description = "what enforces it")
        private Target target = Target.NFTABLES;

        @Option(
                names = {"-o", "--out"},
                paramLabel = "DIR",
                description = "the folder to write to (default: stdout)")
        private @Nullable Path out;

        @Override
        public Integer call() throws IOException {
            AccessGraph graph = NetworkPolicies.accepted(policy, Stop::no);
            Compiled compiled = compiled(graph);
            compiled.weakenings()
                    .forEach(weaker -> terminal().say("weaker than the policy: " + weaker));
            ObjectNode said = Remote.object();
            said.put("target", target.lower());
            if (out == null) {
                said.put("text", compiled.text());
            } else {
                Files.createDirectories(out);
                Path file = out.resolve(target.fileName());
                Files.writeString(file, compiled.text());
                said.put("file", file.toString());
            }
            said.put("flows", graph.flows().size());
            ArrayNode weakenings = said.putArray("weakenings");
            compiled.weakenings().forEach(weaker -> weakenings.add(weaker.toString()));
            if (terminal().json()) {
                terminal().object(said);
            } else if (out == null) {
                terminal().stream(compiled.text());
            } else {
                terminal().print(said.path("file").asText());
            }
            return Main.YES;
        }

        private Compiled compiled(AccessGraph graph) {
            try {
                return target.compile(graph);
            } catch (InexpressibleException e) {
                throw Stop.no(
                        target.lower()
                                + " cannot hold this policy: "
                                + String.join("\natlas: ", e.reasons()));
            }
        }
    }

    @Command(
            name = "reach",
            description =
                    "Whether a connection is allowed, and the rule that decides; exit status 1 when"
                            + " it is denied.",
            footer =
                    "%nExample:%n  atlas network reach policy.yaml --from api_gateway --to"
                            + " inference_subnet --port 443")
    static final class Reach extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "POLICY", description = "the policy file")
        private Path policy = Path.of("");

        @Option(
                names = "--from",
                required = true,
                paramLabel = "A",
                description = "a segment, `external`, or an address")
        private String from = "";

        @Option(
                names = "--to",
                required = true,
                paramLabel = "B",
                description = "a segment, `external`, or an address")
        private String to = "";

        @Option(names = "--port", required = true, paramLabel = "N", description = "1 to 65535")
        private int port;

        @Option(
                names = {"--transport", "--protocol"},
                paramLabel = "tcp|udp",
                description = "what carries it (default: tcp)")
        private Transport transport = Transport.TCP;

        @Override
        public Integer call() {
            if (port < 1 || port > Ports.MAX) {
                throw Stop.usage("`--port` is between 1 and 65535");
            }
            AccessGraph graph = NetworkPolicies.accepted(policy, Stop::unknown);
            Segment source = NetworkPolicies.segment(graph, from, "--from");
            Segment target = NetworkPolicies.segment(graph, to, "--to");
            NetworkPolicies.requireOneFamily(from, to);
            ObjectNode said = Remote.object();
            said.put("from", source.name());
            said.put("to", target.name());
            said.put("port", port);
            said.put("transport", transport.lower());
            switch (graph.decide(source, target, transport, port)) {
                case Verdict.Allowed(Flow flow) -> {
                    said.put("allowed", true);
                    said.put("protocol", NetworkPolicies.protocol(flow));
                    ArrayNode rules = said.putArray("rules");
                    flow.origins().forEach(origin -> rules.add(origin.toString()));
                    terminal().object(said);
                    return Main.YES;
                }
                case Verdict.Denied(var why, var origin) -> {
                    said.put("allowed", false);
                    said.put("why", why);
                    ArrayNode rules = said.putArray("rules");
                    origin.ifPresentOrElse(
                            rule -> rules.add(rule.toString()), () -> rules.add("default deny"));
                    terminal().object(said);
                    return Main.NO;
                }
            }
        }
    }
}
