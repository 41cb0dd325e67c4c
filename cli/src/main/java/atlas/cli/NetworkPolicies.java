package atlas.cli;

import atlas.core.Cidr;
import atlas.segmentation.file.PolicyFile;
import atlas.segmentation.file.PolicyFile.Outcome;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Segment;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Policy files as the network commands read them. */
final class NetworkPolicies {
    private NetworkPolicies() {}

    static Outcome read(Path file) {
        return PolicyFile.read(text(file));
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (MalformedInputException e) {
            throw Stop.unknown("`" + file + "` is not UTF-8 text");
        } catch (IOException e) {
            throw Stop.unknown("cannot read `" + file + "`: " + e.getMessage());
        }
    }

    /** The graph, or the problems as the message of this stop. */
    static AccessGraph accepted(Path file, Function<String, Stop> otherwise) {
        return switch (read(file)) {
            case Outcome.Accepted(var graph) -> graph;
            case Outcome.Refused(var problems) ->
                    throw otherwise.apply(
                            problems.stream()
                                    .map(problem -> file + ":" + problem)
                                    .collect(Collectors.joining("\natlas: ")));
        };
    }

    private static boolean address(String given) {
        return given.indexOf(':') >= 0 || given.matches("[0-9]+(\\.[0-9]+){3}");
    }

    /** No packet goes from an address of one family to one of the other. */
    static void requireOneFamily(String from, String to) {
        if (address(from)
                && address(to)
                && Cidr.parse(from).network().length != Cidr.parse(to).network().length) {
            throw Stop.usage("`--from` and `--to` are addresses of different families");
        }
    }

    /** A segment by its name, or the one that holds an address. */
    static Segment segment(AccessGraph graph, String given, String option) {
        if (address(given)) {
            try {
                return graph.holding(given);
            } catch (IllegalArgumentException e) {
                throw Stop.usage("`" + option + "`: " + e.getMessage());
            }
        }
        return graph.segment(given)
                .orElseThrow(() -> {
                    List<String> known = List.copyOf(graph.segments().keySet());
                    return Stop.usage(
                            "`"
                                    + option
                                    + "`: there is no segment `"
                                    + given
                                    + "`; "
                                    + PolicyFile.nearest(given, known));
                });
    }

    /** What a flow's rule demands to be spoken. */
    static String protocol(Flow flow) {
        String spoken =
                switch (flow.protocol()) {
                    case TCP -> "TCP";
                    case UDP -> "UDP";
                    case TLS_1_3 -> "TLS 1.3";
                    case MUTUAL_TLS_1_3 -> "mTLS 1.3";
                };
        return flow.monitoring()
                ? spoken + ", monitoring only: GET " + String.join(", ", Flow.MONITORED)
                : spoken;
    }
}
