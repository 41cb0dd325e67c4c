package atlas.cli;

import atlas.segmentation.Target;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.target.InexpressibleException;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Proof;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whether what is in force is what the policy compiles to. */
@Command(
        name = "drift",
        description =
                "Compare what the kernel or the cluster has with what the policy compiles to; exit"
                        + " status 1 when they differ.",
        footer =
                "%nExample:%n  atlas network drift policy.yaml%n  atlas network drift policy.yaml"
                        + " --target kubernetes --against manifests/")
final class NetworkDrift extends AtlasCommand {
    @Parameters(index = "0", paramLabel = "POLICY", description = "the policy file")
    private Path policy = Path.of("");

    @Option(
            names = "--target",
            paramLabel = "nftables|kubernetes|cilium|istio",
            description = "what is in force (default: nftables)")
    private Target target = Target.NFTABLES;

    @Option(
            names = "--against",
            paramLabel = "PATH",
            description =
                    "a file, or a folder of manifests, with what is in force (default: ask `nft` or"
                            + " `kubectl`)")
    private @Nullable Path against;

    @Option(
            names = "--namespace",
            paramLabel = "NS",
            description = "the network namespace whose rules to read (needs root)")
    private @Nullable String namespace;

    @Override
    public Integer call() throws IOException {
        AccessGraph graph = NetworkPolicies.accepted(policy, Stop::unknown);
        ObjectNode said = Remote.object();
        said.put("policy", policy.toString());
        said.put("target", target.lower());
        ArrayNode drift = Remote.JSON.createArrayNode();
        ArrayNode differences = Remote.JSON.createArrayNode();
        String loaded = loaded();
        try {
            String compiled = target.compile(graph).text();
            if (loaded.isBlank()) {
                drift.add("nothing of it is loaded; load what `compile` writes");
            } else {
                target.drift(compiled, loaded).forEach(drift::add);
            }
            if (!drift.isEmpty() && !loaded.isBlank()) {
                meaning(graph, loaded).forEach(differences::add);
            }
        } catch (InexpressibleException e) {
            throw Stop.unknown(
                    target.lower() + " cannot hold this policy: " + String.join("; ", e.reasons()));
        } catch (NotUnderstoodException e) {
            // What the policy compiles to is understood: this is something else.
            drift.add("what is loaded was not compiled by Atlas: " + e.getMessage());
        }
        said.put("holds", drift.isEmpty());
        said.set("drift", drift);
        said.set("differences", differences);
        if (terminal().json()) {
            terminal().object(said);
        } else {
            terminal().print(target.lower() + ": " + (drift.isEmpty() ? "no drift" : "drift"));
            drift.forEach(line -> terminal().print("  " + Terminal.safe(line.asText())));
            differences.forEach(line -> terminal().print("  " + Terminal.safe(line.asText())));
        }
        return drift.isEmpty() ? Main.YES : Main.NO;
    }

    /** What the drift lets through or stops. */
    private List<String> meaning(AccessGraph graph, String loaded) {
        try {
            Proof proof = target.prove(loaded, graph);
            List<String> lines = new ArrayList<>();
            proof.differences().forEach(difference -> lines.add(difference.toString()));
            return lines;
        } catch (NotUnderstoodException e) {
            return List.of("what it allows cannot be told: " + e.getMessage());
        }
    }

    private String loaded() throws IOException {
        if (against == null) {
            return target == Target.NFTABLES ? kernel() : cluster();
        }
        if (!Files.isDirectory(against)) {
            return NetworkPolicies.text(against);
        }
        if (target == Target.NFTABLES) {
            return NetworkPolicies.text(against.resolve(target.fileName()));
        }
        try (Stream<Path> files = Files.list(against)) {
            StringBuilder all = new StringBuilder();
            files.filter(file -> file.toString().matches(".*\\.(ya?ml|json)"))
                    .sorted()
                    .forEach(file ->
                            all.append("---\n").append(NetworkPolicies.text(file)).append('\n'));
            return all.toString();
        }
    }

    private String kernel() {
        List<String> command = new ArrayList<>(Namespaces.inside(namespace));
        command.addAll(List.of("nft", "list", "table", "inet", "atlas"));
        Namespaces.Said said = Namespaces.run(command);
        if (said.status() == 0) {
            return said.out();
        }
        if (said.err().contains("No such file or directory")
                && said.err().contains("list table inet atlas")) {
            return "";
        }
        throw Stop.unknown("`nft` could not list the rules: " + said.err());
    }

    private String cluster() {
        List<String> kinds =
                switch (target) {
                    case KUBERNETES -> List.of("networkpolicies.networking.k8s.io");
                    case CILIUM -> List.of("ciliumnetworkpolicies.cilium.io");
                    case ISTIO, NFTABLES ->
                            List.of(
                                    "authorizationpolicies.security.istio.io",
                                    "peerauthentications.security.istio.io");
                };
        Namespaces.Said said =
                Namespaces.run(
                        List.of(
                                "kubectl",
                                "get",
                                String.join(",", kinds),
                                "--all-namespaces",
                                "-o",
                                "json"));
        if (said.status() != 0) {
            throw Stop.unknown("`kubectl` could not list the policies: " + said.err());
        }
        return said.out();
    }
}
