package atlas.segmentation.file;

import atlas.segmentation.file.Rule.Direction;
import atlas.segmentation.file.Rule.Says;
import atlas.segmentation.file.Tree.Entry;
import atlas.segmentation.graph.Origin;
import atlas.segmentation.graph.Ports;
import atlas.segmentation.graph.Protocol;
import atlas.segmentation.graph.Segment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The {@code network_policy} section: what each segment says about its connections. */
final class RuleSection {
    private static final Ports ANY = new Ports(1, Ports.MAX);
    private static final Map<String, Protocol> PROTOCOLS =
            Map.of(
                    "tcp", Protocol.TCP,
                    "udp", Protocol.UDP,
                    "tls 1.3", Protocol.TLS_1_3,
                    "mtls", Protocol.MUTUAL_TLS_1_3,
                    "mtls 1.3", Protocol.MUTUAL_TLS_1_3);

    private final Tree tree;
    private final Map<String, Segment> declared;
    private final List<Rule> rules = new ArrayList<>();
    // Which directions an entry lists; what it does not list is left to the other end.
    private final SequencedMap<String, Set<Direction>> listed = new LinkedHashMap<>();

    private RuleSection(Tree tree, Map<String, Segment> declared) {
        this.tree = tree;
        this.declared = declared;
    }

    /** Everything the section says. */
    record Said(List<Rule> rules, SequencedMap<String, Set<Direction>> listed) {}

    static Said read(@Nullable Node node, Tree tree, Map<String, Segment> declared) {
        RuleSection section = new RuleSection(tree, declared);
        SequencedMap<String, Entry> entries = tree.mapping(node, "network_policy");
        if (entries.isEmpty() && tree.problems().isEmpty()) {
            tree.problem(node, "network_policy", "says nothing", "name a segment and its rules");
        }
        entries.forEach((name, entry) -> section.named(name, entry));
        entries.forEach((name, entry) -> section.segment(name, entry));
        return new Said(section.rules, section.listed);
    }

    private void named(String name, Entry entry) {
        if (!SegmentSection.NAME.matcher(name).matches() || name.equals(Segment.EXTERNAL)) {
            tree.problem(
                    entry.key(),
                    "network_policy." + name,
                    "is not the name of a segment",
                    "use letters, digits, `_`, `-`, `.`");
            return;
        }
        listed.put(name, EnumSet.noneOf(Direction.class));
    }

    private void segment(String name, Entry entry) {
        Set<Direction> directions = listed.get(name);
        if (directions == null) {
            return;
        }
        String path = "network_policy." + name;
        tree.mapping(entry.value(), path)
                .forEach((key, list) -> {
                    switch (key) {
                        case "ingress" -> directions.add(Direction.INGRESS);
                        case "egress" -> directions.add(Direction.EGRESS);
                        default -> {
                            tree.problem(
                                    list.key(),
                                    path + "." + key,
                                    "there is no such key",
                                    Nearest.hint(key, List.of("egress", "ingress")));
                            return;
                        }
                    }
                    Direction direction =
                            key.equals("ingress") ? Direction.INGRESS : Direction.EGRESS;
                    list(name, direction, list.value(), path + "." + key);
                });
    }

    private void list(String owner, Direction direction, Node node, String path) {
        if (!Tree.nothing(node) && !(node instanceof SequenceNode)) {
            tree.problem(
                    node,
                    path,
                    "must be a list",
                    "start each rule with `- " + direction.word() + ":`");
            return;
        }
        int i = 0;
        for (Node item : tree.items(node)) {
            rule(owner, direction, item, path + "[" + i++ + "]");
        }
    }

    private void rule(String owner, Direction direction, Node item, String path) {
        if (!(item instanceof MappingNode)) {
            tree.problem(
                    item,
                    path,
                    "must be a mapping",
                    "write `" + direction.word() + ": NAME` and `port: N`");
            return;
        }
        SequencedMap<String, Entry> given = new LinkedHashMap<>(tree.mapping(item, path));
        Entry peers = given.remove(direction.word());
        if (peers == null) {
            tree.problem(
                    item,
                    path,
                    "does not say `" + direction.word() + "` which segment",
                    direction == Direction.INGRESS
                            ? "an ingress rule has `from`"
                            : "an egress rule has `to`");
            return;
        }
        if (Tree.nothing(peers.value())) {
            // `- to:` with `external: denied` below it instead of inside it.
            qualified(owner, direction, given, path);
            return;
        }
        if (peers.value() instanceof MappingNode) {
            unknown(given, path, Set.of());
            qualified(owner, direction, tree.mapping(peers.value(), path), path);
            return;
        }
        unknown(given, path, Set.of("port", "ports", "protocol"));
        List<Carried> carried = carried(given, item, path);
        for (Node peer : tree.items(peers.value())) {
            String name = tree.text(peer, path + "." + direction.word());
            if (name != null && known(name, peer, path)) {
                allowed(owner, direction, name, carried, peer, path);
            }
        }
    }

    private void unknown(Map<String, Entry> given, String path, Set<String> known) {
        given.forEach((key, entry) -> {
            if (!known.contains(key)) {
                tree.problem(
                        entry.key(),
                        path + "." + key,
                        known.isEmpty()
                                ? "does not go with `denied` or `monitoring_only`"
                                : "there is no such key",
                        known.isEmpty() ? "" : Nearest.hint(key, known.stream().sorted().toList()));
            }
        });
    }

    /** {@code external: denied}, {@code inference_subnet: monitoring_only}. */
    private void qualified(
            String owner, Direction direction, Map<String, Entry> given, String path) {
        if (given.isEmpty()) {
            tree.problem(null, path, "names no segment", "");
        }
        given.forEach((peer, entry) -> {
            String at = path + "." + direction.word() + "." + peer;
            String word = tree.text(entry.value(), at);
            if (word == null || !known(peer, entry.key(), path)) {
                return;
            }
            switch (word) {
                case "denied" ->
                        rules.add(
                                new Rule(
                                        owner,
                                        direction,
                                        peer,
                                        Says.DENIED,
                                        ANY,
                                        Protocol.TCP,
                                        new Origin(at, Tree.line(entry.key())),
                                        entry.key()));
                case "monitoring_only" -> monitoring(owner, direction, peer, entry.key(), at);
                default -> {
                    boolean world = peer.equals(Segment.EXTERNAL) && direction == Direction.EGRESS;
                    tree.problem(
                            entry.value(),
                            at,
                            world
                                    ? "egress to the world: `" + word + "` would let data out"
                                    : "`" + word + "` is not understood",
                            world
                                    ? "name the destination as a segment with its addresses"
                                    : "known are `denied` and `monitoring_only`; to allow, give a"
                                            + " `port`");
                }
            }
        });
    }

    private void monitoring(
            String owner, Direction direction, String peer, Node place, String path) {
        if (peer.equals(Segment.EXTERNAL)) {
            tree.problem(
                    place, path, "`external` neither monitors nor is monitored", "name a segment");
            return;
        }
        String watched = direction == Direction.EGRESS ? peer : owner;
        Segment segment = declared.get(watched);
        if (segment == null) {
            segment = declared.get(atlas.segmentation.graph.AccessGraph.otherName(watched));
        }
        int port = segment == null ? Segment.MONITORING_PORT : segment.monitoringPort();
        rules.add(
                new Rule(
                        owner,
                        direction,
                        peer,
                        Says.MONITORING_ONLY,
                        Ports.of(port),
                        Protocol.MUTUAL_TLS_1_3,
                        new Origin(path, Tree.line(place)),
                        place));
    }

    /** Ports of one transport. */
    private record Carried(Ports ports, Protocol protocol) {}

    private void allowed(
            String owner,
            Direction direction,
            String peer,
            List<Carried> carried,
            Node place,
            String path) {
        if (peer.equals(Segment.EXTERNAL) && direction == Direction.EGRESS) {
            tree.problem(
                    place,
                    path,
                    "egress to the world: `" + owner + "` could send data anywhere",
                    "name the destination as a segment with its addresses");
            return;
        }
        for (Carried one : carried) {
            rules.add(
                    new Rule(
                            owner,
                            direction,
                            peer,
                            Says.ALLOWED,
                            one.ports(),
                            one.protocol(),
                            new Origin(path, Tree.line(place)),
                            place));
        }
    }

    private List<Carried> carried(Map<String, Entry> given, Node item, String path) {
        Entry named = given.get("protocol");
        String word = named == null ? "tcp" : tree.text(named.value(), path + ".protocol");
        Entry port = given.get("port") != null ? given.get("port") : given.get("ports");
        if (given.get("port") != null && given.get("ports") != null) {
            tree.problem(given.get("ports").key(), path, "`port` and `ports` are both given", "");
        }
        List<Carried> carried = new ArrayList<>();
        if (word == null) {
            return carried;
        }
        String protocol = word.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
        List<Ports> ports = ports(port, path, wellKnown(protocol), item);
        switch (protocol) {
            case "dns" -> {
                ports.forEach(p -> carried.add(new Carried(p, Protocol.TCP)));
                ports.forEach(p -> carried.add(new Carried(p, Protocol.UDP)));
            }
            case "ntp" -> ports.forEach(p -> carried.add(new Carried(p, Protocol.UDP)));
            default -> {
                Protocol known = PROTOCOLS.get(protocol);
                if (known == null && named != null) {
                    tree.problem(
                            named.value(),
                            path + ".protocol",
                            "`" + word + "` is not understood",
                            "known are TCP, UDP, TLS 1.3, mTLS, DNS, NTP");
                } else if (known != null) {
                    ports.forEach(p -> carried.add(new Carried(p, known)));
                }
            }
        }
        return carried;
    }

    private static Optional<Ports> wellKnown(String protocol) {
        return switch (protocol) {
            case "dns" -> Optional.of(Ports.of(53));
            case "ntp" -> Optional.of(Ports.of(123));
            default -> Optional.empty();
        };
    }

    private List<Ports> ports(
            @Nullable Entry entry, String path, Optional<Ports> otherwise, Node item) {
        if (entry == null) {
            if (otherwise.isEmpty()) {
                tree.problem(item, path, "says no port", "add `port: 443`, or what is listened on");
            }
            return otherwise.stream().toList();
        }
        List<Ports> ports = new ArrayList<>();
        for (String text : tree.texts(entry.value(), path + ".port")) {
            Optional<Ports> run = PortList.run(text);
            if (run.isEmpty()) {
                tree.problem(
                        entry.value(),
                        path + ".port",
                        "`" + text + "` is not a port",
                        "write `443`, `8000-8010`, or a list of them");
            }
            run.ifPresent(ports::add);
        }
        return ports;
    }

    /** Whether the name is one that means something; a problem when not. */
    private boolean known(String name, Node place, String path) {
        if (name.equals(Segment.EXTERNAL)) {
            return true;
        }
        String other = atlas.segmentation.graph.AccessGraph.otherName(name);
        boolean fits =
                declared.isEmpty()
                        // Without a `segments` section any name will do, but a subnet has rules.
                        ? listed.containsKey(name)
                                || listed.containsKey(other)
                                || !name.endsWith("_subnet")
                        : declared.containsKey(name) || declared.containsKey(other);
        if (!SegmentSection.NAME.matcher(name).matches()) {
            tree.problem(place, path, "`" + name + "` is not the name of a segment", "");
            return false;
        }
        if (!fits) {
            List<String> known = new ArrayList<>(listed.keySet());
            known.addAll(declared.keySet());
            tree.problem(
                    place,
                    path,
                    "unknown segment `" + name + "`",
                    Nearest.hint(name, known.stream().distinct().sorted().toList()));
        }
        return fits;
    }
}
