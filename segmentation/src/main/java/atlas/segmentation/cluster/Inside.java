package atlas.segmentation.cluster;

import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Block;
import atlas.segmentation.graph.Family;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Pods;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.target.InexpressibleException;
import atlas.segmentation.target.Weakening;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a segment is to a cluster: pods, or addresses outside of it. Pods are those the file gives;
 * a segment without any is by convention the pods that carry its name, unless the policy only names
 * it and gives its addresses.
 */
final class Inside {
    private Inside() {}

    /** The pods of a segment; empty for what is outside. */
    static Optional<Pods> pods(Segment segment) {
        if (segment.isExternal()) {
            return Optional.empty();
        }
        boolean outside = !segment.ruled() && !segment.blocks().isEmpty();
        if (segment.pods().isPresent() || outside) {
            return segment.pods();
        }
        var labels = new LinkedHashMap<>(Map.of(Pods.LABEL, segment.name()));
        return Optional.of(new Pods(Pods.NAMESPACE, labels, true));
    }

    /** Whether policies select its pods. */
    static boolean enforced(Segment segment) {
        return pods(segment).map(Pods::enforced).orElse(false);
    }

    /** The segments whose pods policies select, by the name of their policy. */
    static Map<String, Segment> enforced(AccessGraph graph) throws InexpressibleException {
        Map<String, Segment> enforced = new TreeMap<>();
        for (Segment segment : graph.segments().values()) {
            if (!enforced(segment)) {
                continue;
            }
            String name = objectName(segment);
            Segment other = enforced.put(name, segment);
            if (other != null) {
                throw new InexpressibleException(
                        List.of(
                                "segments `"
                                        + other.name()
                                        + "` and `"
                                        + segment.name()
                                        + "` would both be called `"
                                        + name
                                        + "` in a cluster; rename one"));
            }
        }
        if (enforced.isEmpty()) {
            throw new InexpressibleException(
                    List.of("no segment has pods; give them under `segments.NAME.kubernetes`"));
        }
        return enforced;
    }

    /** A segment's name as names of objects are written (RFC 1123). */
    static String objectName(Segment segment) {
        String name =
                segment.name()
                        .toLowerCase(java.util.Locale.ROOT)
                        .replace('_', '-')
                        .replace('.', '-');
        return "atlas-" + name;
    }

    /** The namespaces of the pods that policies select. */
    static List<String> namespaces(Map<String, Segment> enforced) {
        TreeSet<String> namespaces = new TreeSet<>();
        enforced.values().forEach(s -> namespaces.add(pods(s).orElseThrow().namespace()));
        return List.copyOf(namespaces);
    }

    /** Every address that lies in no segment, as a whole family and what to leave out. */
    static Map<String, List<String>> world(AccessGraph graph) {
        Map<String, List<String>> world = new LinkedHashMap<>();
        for (Family family : Family.values()) {
            List<Block> known = new ArrayList<>();
            graph.segments().values().forEach(segment -> known.addAll(segment.blocks(family)));
            world.put(
                    family == Family.IPV4 ? "0.0.0.0/0" : "::/0",
                    known.stream().sorted().map(Block::toString).toList());
        }
        return world;
    }

    /** What holds for every kind of packet policy in a cluster. */
    static List<Weakening> weakenings(AccessGraph graph) {
        List<Weakening> weakenings = new ArrayList<>();
        for (Flow flow : graph.flows()) {
            if (flow.monitoring()) {
                weakenings.add(
                        new Weakening(
                                flow.toString(),
                                "monitoring_only is held to the port alone; that nothing but"
                                    + " metrics and health is read there, over mutual TLS 1.3, is"
                                    + " up to whoever listens"));
            } else if (flow.protocol().needsTls()) {
                weakenings.add(
                        new Weakening(
                                flow.toString(),
                                "TLS 1.3 is held to the port alone; that nothing older is spoken"
                                        + " there is up to whoever listens"));
            }
        }
        for (Segment segment : graph.segments().values()) {
            Optional<Pods> pods = pods(segment);
            if (pods.isEmpty()) {
                weakenings.add(
                        new Weakening(
                                segment.name(),
                                "is outside of the cluster: what it opens to anything but pods, and"
                                        + " what but pods opens to it, is not seen here"));
            } else if (!pods.get().enforced()) {
                weakenings.add(
                        new Weakening(
                                segment.name(),
                                "`enforce: false`: its own pods are not selected, only named"));
            }
        }
        weakenings.add(
                new Weakening(
                        "after a change",
                        "connections that are open may stay open; the network plugin decides"));
        return weakenings;
    }
}
