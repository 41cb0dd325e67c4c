package atlas.segmentation.file;

import atlas.segmentation.file.Rule.Direction;
import atlas.segmentation.file.Rule.Says;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.AccessGraph.Denial;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Origin;
import atlas.segmentation.graph.Ports;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.graph.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Brings the two ends of each connection together. An end that lists its connections in that
 * direction must agree; an end that does not list them leaves it to the other. What may only be
 * monitored needs no second word: it gives nothing but reading.
 */
final class Weaving {
    private final Tree tree;
    private final SequencedMap<String, Segment> segments;
    private final List<Flow> flows = new ArrayList<>();
    private final List<Denial> denials = new ArrayList<>();

    private record Pair(String from, String to) {}

    /** What both ends say about one pair of segments. */
    private static final class Talk {
        private final List<Rule> sent = new ArrayList<>();
        private final List<Rule> received = new ArrayList<>();

        List<Rule> side(Direction direction) {
            return direction == Direction.EGRESS ? sent : received;
        }
    }

    Weaving(Tree tree, SequencedMap<String, Segment> segments) {
        this.tree = tree;
        this.segments = segments;
    }

    /** The graph; empty when the rules do not hold together. */
    Optional<AccessGraph> graph(RuleSection.Said said) {
        Map<Pair, Talk> talks = new LinkedHashMap<>();
        for (Rule rule : said.rules()) {
            Pair pair = new Pair(canonical(rule.from()), canonical(rule.to()));
            talks.computeIfAbsent(pair, p -> new Talk()).side(rule.direction()).add(rule);
        }
        talks.forEach((pair, talk) -> weave(pair, talk, said));
        return tree.problems().isEmpty()
                ? Optional.of(new AccessGraph(List.copyOf(segments.values()), flows, denials))
                : Optional.empty();
    }

    private String canonical(String name) {
        return segments.containsKey(name) || name.equals(Segment.EXTERNAL)
                ? name
                : AccessGraph.otherName(name);
    }

    private void weave(Pair pair, Talk talk, RuleSection.Said said) {
        int before = tree.problems().size();
        shadowed(talk.sent);
        shadowed(talk.received);
        contradictions(talk);
        if (tree.problems().size() > before) {
            return;
        }
        List<Rule> sent = allowed(talk.sent);
        List<Rule> received = allowed(talk.received);
        Segment from = segment(pair.from());
        Segment to = segment(pair.to());
        monitoring(from, to, talk);
        denials(pair, talk);
        boolean sender = lists(said, pair.from(), Direction.EGRESS);
        boolean receiver = lists(said, pair.to(), Direction.INGRESS);
        if (sender && receiver) {
            agreed(from, to, sent, received);
        } else {
            for (Rule rule : sender ? sent : received) {
                flows.add(flow(from, to, rule.ports(), rule, rule));
            }
        }
    }

    private static boolean lists(RuleSection.Said said, String name, Direction direction) {
        Set<Direction> listed = said.listed().get(name);
        if (listed == null) {
            listed = said.listed().getOrDefault(AccessGraph.otherName(name), Set.of());
        }
        return listed.contains(direction);
    }

    private Segment segment(String name) {
        Segment segment = segments.get(name);
        return segment == null ? Segment.external() : segment;
    }

    private static List<Rule> allowed(List<Rule> rules) {
        return rules.stream().filter(rule -> rule.says() == Says.ALLOWED).toList();
    }

    private static Flow flow(Segment from, Segment to, Ports ports, Rule one, Rule other) {
        List<Origin> origins =
                one.equals(other) ? List.of(one.origin()) : List.of(one.origin(), other.origin());
        return new Flow(
                from,
                to,
                ports,
                one.protocol().and(other.protocol()),
                one.says() == Says.MONITORING_ONLY,
                origins);
    }

    /** A rule of a list that an earlier one of it says already, wholly or in part. */
    private void shadowed(List<Rule> rules) {
        for (int i = 1; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            for (Rule earlier : rules.subList(0, i)) {
                if (earlier.says() == rule.says()
                        && transport(earlier) == transport(rule)
                        && earlier.ports().overlaps(rule.ports())) {
                    boolean whole = earlier.ports().contains(rule.ports());
                    tree.problem(
                            rule.place(),
                            rule.origin().path(),
                            (whole ? "shadowed: " : "shadowed in part: ")
                                    + "line "
                                    + earlier.origin().line()
                                    + " already says so for `"
                                    + rule.peer()
                                    + "`"
                                    + (rule.says() == Says.ALLOWED
                                            ? " on "
                                                    + transport(rule).lower()
                                                    + "/"
                                                    + earlier.ports()
                                            : ""),
                            "say it once");
                    break;
                }
            }
        }
    }

    private static Transport transport(Rule rule) {
        return rule.protocol().transport();
    }

    private void contradictions(Talk talk) {
        List<Rule> all = new ArrayList<>(talk.sent);
        all.addAll(talk.received);
        for (Rule rule : all) {
            for (Rule other : all) {
                if (other.says().compareTo(rule.says()) > 0) {
                    tree.problem(
                            rule.place(),
                            rule.origin().path(),
                            "contradiction: line "
                                    + other.origin().line()
                                    + " says `"
                                    + other.says().name().toLowerCase(java.util.Locale.ROOT)
                                    + "` of `"
                                    + other.peer()
                                    + "`",
                            "keep one of the two");
                    break;
                }
            }
        }
    }

    private void monitoring(Segment from, Segment to, Talk talk) {
        Optional<Rule> sent = only(talk.sent);
        Optional<Rule> received = only(talk.received);
        Rule one = sent.or(() -> received).orElse(null);
        if (one != null) {
            flows.add(flow(from, to, one.ports(), one, received.orElse(one)));
        }
    }

    private static Optional<Rule> only(List<Rule> rules) {
        return rules.stream().filter(rule -> rule.says() == Says.MONITORING_ONLY).findFirst();
    }

    private void denials(Pair pair, Talk talk) {
        for (List<Rule> side : List.of(talk.sent, talk.received)) {
            side.stream()
                    .filter(rule -> rule.says() == Says.DENIED)
                    .forEach(
                            rule -> denials.add(new Denial(pair.from(), pair.to(), rule.origin())));
        }
    }

    private void agreed(Segment from, Segment to, List<Rule> sent, List<Rule> received) {
        for (Rule rule : sent) {
            for (Rule other : received) {
                if (transport(rule) == transport(other) && rule.ports().overlaps(other.ports())) {
                    Ports both =
                            new Ports(
                                    Math.max(rule.ports().first(), other.ports().first()),
                                    Math.min(rule.ports().last(), other.ports().last()));
                    flows.add(flow(from, to, both, rule, other));
                }
            }
        }
        sent.forEach(rule -> met(rule, received, to.name(), "ingress", from.name()));
        received.forEach(rule -> met(rule, sent, from.name(), "egress", to.name()));
    }

    /** A need of one end that the other, which lists its connections, does not grant. */
    private void met(Rule rule, List<Rule> others, String end, String list, String peer) {
        int next = rule.ports().first();
        for (Rule other :
                others.stream().sorted((a, b) -> a.ports().compareTo(b.ports())).toList()) {
            if (transport(other) == transport(rule) && other.ports().contains(next)) {
                next = other.ports().last() + 1;
            }
        }
        if (next <= rule.ports().last()) {
            tree.problem(
                    rule.place(),
                    rule.origin().path(),
                    "unreachable need: the "
                            + list
                            + " of `"
                            + end
                            + "` does not name `"
                            + peer
                            + "` on "
                            + transport(rule).lower()
                            + "/"
                            + next,
                    "add it there, or take it away here");
        }
    }
}
