package atlas.segmentation.graph;

import atlas.core.Cidr;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What a policy allows, whole. Immutable and thread-safe; asking costs a look-up.
 *
 * <p>INVARIANT: blocks of different segments are disjoint, and so are the ports of flows between
 * the same two segments over the same transport.
 */
public final class AccessGraph {
    private final SequencedMap<String, Segment> segments = new LinkedHashMap<>();
    private final List<Flow> flows;
    private final List<Denial> denials;
    private final Map<Pair, List<Flow>> between = new HashMap<>();
    private final Map<Pair, Denial> denied = new HashMap<>();

    /** A rule that says no in so many words. */
    public record Denial(String from, String to, Origin origin) {}

    /** What the graph says to one connection. */
    public sealed interface Verdict {
        /** It may be opened, because of this flow. */
        record Allowed(Flow flow) implements Verdict {}

        /** It may not; a rule said so, or none said otherwise. */
        record Denied(String why, Optional<Origin> origin) implements Verdict {}
    }

    private record Pair(String from, String to) {}

    public AccessGraph(List<Segment> segments, List<Flow> flows, List<Denial> denials) {
        segments.stream()
                .sorted(Comparator.comparing(Segment::name))
                .forEach(segment -> this.segments.put(segment.name(), segment));
        this.flows =
                flows.stream()
                        .sorted(
                                Comparator.comparing((Flow flow) -> flow.from().name())
                                        .thenComparing(flow -> flow.to().name())
                                        .thenComparing(Flow::transport)
                                        .thenComparing(Flow::ports))
                        .toList();
        this.denials = List.copyOf(denials);
        for (Flow flow : this.flows) {
            between.computeIfAbsent(
                            new Pair(flow.from().name(), flow.to().name()),
                            pair -> new ArrayList<>())
                    .add(flow);
        }
        for (Denial denial : this.denials) {
            denied.putIfAbsent(new Pair(denial.from(), denial.to()), denial);
        }
    }

    /** The segments by name, in its order; what is outside of them is not among them. */
    public SequencedMap<String, Segment> segments() {
        return java.util.Collections.unmodifiableSequencedMap(segments);
    }

    /** Every allowed flow, by its ends, transport and ports. */
    public List<Flow> flows() {
        return flows;
    }

    public List<Denial> denials() {
        return denials;
    }

    /** The flows from one segment to another, by transport and ports. */
    public List<Flow> between(String from, String to) {
        return between.getOrDefault(new Pair(from, to), List.of());
    }

    /** The segment of this name, {@code external} included; the suffix {@code _subnet} may lack. */
    public Optional<Segment> segment(String name) {
        if (name.equals(Segment.EXTERNAL)) {
            return Optional.of(Segment.external());
        }
        Segment exact = segments.get(name);
        return Optional.ofNullable(exact != null ? exact : segments.get(otherName(name)));
    }

    /**
     * The segment that holds an address; {@code external} when none does.
     *
     * @throws IllegalArgumentException when it is no address
     */
    public Segment holding(String address) {
        Cidr one = Cidr.parse(address);
        if (one.prefix() != one.network().length * 8) {
            throw new IllegalArgumentException("`" + address + "` is a block, not one address");
        }
        return segments.values().stream()
                .filter(segment ->
                        segment.blocks().stream().anyMatch(block -> block.cidr().contains(address)))
                .findFirst()
                .orElseGet(Segment::external);
    }

    /** {@code inference} for {@code inference_subnet}, and the other way round. */
    public static String otherName(String name) {
        String suffix = "_subnet";
        return name.endsWith(suffix)
                ? name.substring(0, name.length() - suffix.length())
                : name + suffix;
    }

    public Verdict decide(Segment from, Segment to, Transport transport, int port) {
        List<Flow> candidates = between(from.name(), to.name());
        for (Flow flow : candidates) {
            if (flow.transport() == transport && flow.ports().contains(port)) {
                return new Verdict.Allowed(flow);
            }
        }
        Denial denial = denied.get(new Pair(from.name(), to.name()));
        if (denial != null) {
            return new Verdict.Denied(
                    "`" + from.name() + "` is denied `" + to.name() + "`",
                    Optional.of(denial.origin()));
        }
        Optional<Flow> monitoring = candidates.stream().filter(Flow::monitoring).findFirst();
        if (monitoring.isPresent()) {
            return new Verdict.Denied(
                    "`" + from.name() + "` may only monitor `" + to.name() + "`",
                    Optional.of(monitoring.get().origins().getFirst()));
        }
        return new Verdict.Denied(
                "no rule allows `"
                        + from.name()
                        + "` to reach `"
                        + to.name()
                        + "` on "
                        + transport.lower()
                        + "/"
                        + port,
                Optional.empty());
    }
}
