package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.probe.Attempt;
import atlas.segmentation.probe.Attempt.Agreement;
import atlas.segmentation.probe.Attempt.Found;
import atlas.segmentation.probe.Matrix;
import atlas.segmentation.probe.Prober;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whether the network does what the policy says, tried from here. */
@Command(
        name = "probe",
        description =
                "Try the allowed and the denied connections from this machine for real; exit status"
                        + " 1 when the network differs from the policy.",
        footer =
                "%nExample:%n  atlas network probe policy.yaml --from inference_subnet --namespace"
                        + " inf --host model_storage=10.77.3.2 --host external=192.0.2.1")
final class NetworkProbe extends AtlasCommand {
    @Parameters(index = "0", paramLabel = "POLICY", description = "the policy file")
    private Path policy = Path.of("");

    @Option(
            names = "--from",
            paramLabel = "A",
            description = "the segment this machine is in (default: by its addresses)")
    private @Nullable String from;

    @Option(
            names = "--namespace",
            paramLabel = "NS",
            description = "the network namespace to try from (needs root)")
    private @Nullable String namespace;

    @Option(
            names = "--host",
            paramLabel = "B=ADDRESS",
            description =
                    "an address of a segment at which something is, `external` included; may be"
                            + " repeated (default: `hosts` of the file, else the first address of"
                            + " each block)")
    private List<String> hosts = List.of();

    @Option(
            names = "--port",
            paramLabel = "N",
            description =
                    "try this port, too; may be repeated (default: those of the policy,"
                            + " and 22, 53, 80, 443)")
    private List<Integer> ports = List.of();

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            description = "how long to wait for each answer (default: 2)")
    private int patience = 2;

    @Override
    public Integer call() throws IOException {
        AccessGraph graph = NetworkPolicies.accepted(policy, Stop::unknown);
        if (namespace != null) {
            return Namespaces.again(namespace, arguments());
        }
        if (patience < 1 || ports.stream().anyMatch(port -> port < 1 || port > 65_535)) {
            throw Stop.usage("`--patience` is at least 1, `--port` between 1 and 65535");
        }
        Set<String> own = own();
        Segment source =
                from != null ? NetworkPolicies.segment(graph, from, "--from") : located(graph, own);
        List<Attempt> attempts = Matrix.from(graph, source, places(graph), ports, own);
        if (attempts.isEmpty()) {
            throw Stop.unknown("there is no address to try; give `cidrs` in the file, or `--host`");
        }
        SequencedMap<Attempt, Found> found = new Prober(Duration.ofSeconds(patience)).run(attempts);
        return print(source, found);
    }

    private List<String> arguments() {
        List<String> again = new ArrayList<>(List.of("network", "probe", policy.toString()));
        if (from != null) {
            again.addAll(List.of("--from", from));
        }
        hosts.forEach(host -> again.addAll(List.of("--host", host)));
        ports.forEach(port -> again.addAll(List.of("--port", port.toString())));
        again.addAll(List.of("--patience", Integer.toString(patience)));
        again.addAll(List.of("--output", terminal().json() ? "json" : "text"));
        return again;
    }

    private static Set<String> own() {
        Set<String> own = new HashSet<>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .map(InetAddress::getHostAddress)
                    .forEach(address -> own.add(address.replaceFirst("%.*", "")));
        } catch (SocketException e) {
            throw Stop.unknown("cannot tell the addresses of this machine: " + e.getMessage());
        }
        return own;
    }

    private static Segment located(AccessGraph graph, Set<String> own) {
        Set<String> names = new TreeSet<>();
        for (String address : own) {
            Segment segment = graph.holding(address);
            if (!segment.isExternal()) {
                names.add(segment.name());
            }
        }
        if (names.size() > 1) {
            throw Stop.usage(
                    "this machine is in several segments ("
                            + String.join(", ", names)
                            + "); say which with `--from`");
        }
        return names.isEmpty()
                ? Segment.external()
                : graph.segment(names.iterator().next()).orElseThrow();
    }

    private Map<String, List<String>> places(AccessGraph graph) {
        Map<String, List<String>> places = new HashMap<>();
        for (String host : hosts) {
            int equals = host.indexOf('=');
            if (equals < 1) {
                throw Stop.usage("`--host` is written SEGMENT=ADDRESS, not `" + host + "`");
            }
            Segment segment = NetworkPolicies.segment(graph, host.substring(0, equals), "--host");
            String address = host.substring(equals + 1);
            Segment holds = NetworkPolicies.segment(graph, address, "--host");
            if (!holds.name().equals(segment.name())) {
                throw Stop.usage(
                        "`--host`: `"
                                + address
                                + "` is of `"
                                + holds.name()
                                + "`, not of `"
                                + segment.name()
                                + "`");
            }
            places.computeIfAbsent(segment.name(), name -> new ArrayList<>()).add(address);
        }
        return places;
    }

    private int print(Segment source, SequencedMap<Attempt, Found> found) {
        Map<Agreement, Integer> count = new HashMap<>();
        ArrayNode rows = Remote.JSON.createArrayNode();
        found.forEach((attempt, what) -> {
            Agreement agreement = attempt.compare(what);
            count.merge(agreement, 1, Integer::sum);
            ObjectNode row = rows.addObject();
            row.put("from", source.name());
            row.put("to", attempt.to());
            row.put("address", attempt.address());
            row.put("transport", attempt.transport().lower());
            row.put("port", attempt.port());
            row.put("policy", attempt.allowed() ? "allowed" : "denied");
            row.put("found", what.name().toLowerCase(Locale.ROOT));
            row.put("result", agreement.name().toLowerCase(Locale.ROOT));
        });
        int differs = count.getOrDefault(Agreement.DIFFERS, 0);
        int undecided = count.getOrDefault(Agreement.UNDECIDED, 0);
        if (terminal().json()) {
            ObjectNode said = Remote.object();
            said.put("from", source.name());
            said.put("holds", differs == 0 && undecided == 0);
            said.put("agrees", count.getOrDefault(Agreement.AGREES, 0));
            said.put("differs", differs);
            said.put("undecided", undecided);
            said.set("probes", rows);
            terminal().object(said);
        } else {
            terminal()
                    .rows(
                            rows,
                            List.of(
                                    Column.field("FROM", "from"),
                                    Column.field("TO", "to"),
                                    Column.field("ADDRESS", "address"),
                                    Column.field("TRANSPORT", "transport"),
                                    Column.field("PORT", "port"),
                                    Column.field("POLICY", "policy"),
                                    Column.field("FOUND", "found"),
                                    Column.field("RESULT", "result")));
        }
        terminal()
                .say(
                        found.size()
                                + " tried from "
                                + source.name()
                                + ": "
                                + differs
                                + " differ, "
                                + undecided
                                + " undecided");
        return differs > 0 ? Main.NO : undecided > 0 ? Main.UNKNOWN : Main.YES;
    }
}
