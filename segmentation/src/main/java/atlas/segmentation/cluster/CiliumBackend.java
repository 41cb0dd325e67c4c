package atlas.segmentation.cluster;

import static atlas.segmentation.cluster.Manifests.map;

import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Pods;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.target.Backend;
import atlas.segmentation.target.Compiled;
import atlas.segmentation.target.InexpressibleException;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Proof;
import atlas.segmentation.target.Weakening;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;

/** {@code cilium.io/v2} CiliumNetworkPolicy: pods are known by labels, the rest by addresses. */
public final class CiliumBackend implements Backend {
    // What the schema allows in one list.
    private static final int MOST_PORTS = 40;

    /** The label by which Cilium knows the namespace of a pod. */
    static final String NAMESPACE = "k8s:io.kubernetes.pod.namespace";

    @Override
    public Compiled compile(AccessGraph graph) throws InexpressibleException {
        Map<String, Segment> enforced = Inside.enforced(graph);
        List<Object> documents = new ArrayList<>();
        for (String namespace : Inside.namespaces(enforced)) {
            documents.add(
                    policy("atlas-default-deny", namespace, spec(map(), List.of(), List.of())));
        }
        enforced.forEach((name, segment) -> {
            Pods pods = Inside.pods(segment).orElseThrow();
            List<Flow> in =
                    graph.flows().stream()
                            .filter(flow -> flow.to().name().equals(segment.name()))
                            .toList();
            List<Flow> out =
                    graph.flows().stream()
                            .filter(flow -> flow.from().name().equals(segment.name()))
                            .toList();
            documents.add(
                    policy(
                            name,
                            pods.namespace(),
                            spec(
                                    map("matchLabels", Manifests.labels(pods)),
                                    rules(graph, in, Flow::from, "from"),
                                    rules(graph, out, Flow::to, "to"))));
        });
        List<Weakening> weakenings = new ArrayList<>(Inside.weakenings(graph));
        weakenings.add(
                new Weakening(
                        "every pod", "can be reached from the node it runs on, as Cilium has it"));
        return new Compiled(Manifests.text("Cilium", weakenings, documents), weakenings);
    }

    private static Object policy(String name, String namespace, Object spec) {
        return Manifests.manifest("cilium.io/v2", "CiliumNetworkPolicy", name, namespace, spec);
    }

    private static Object spec(Object selector, List<Object> ingress, List<Object> egress) {
        // An empty rule lets nothing through, and isolates.
        return map(
                "endpointSelector",
                selector,
                "enableDefaultDeny",
                map("ingress", true, "egress", true),
                "ingress",
                ingress.isEmpty() ? List.of(map()) : ingress,
                "egress",
                egress.isEmpty() ? List.of(map()) : egress);
    }

    private static List<Object> rules(
            AccessGraph graph, List<Flow> flows, Function<Flow, Segment> peer, String word) {
        SequencedMap<Segment, List<Flow>> by = new LinkedHashMap<>();
        for (Flow flow : flows) {
            by.computeIfAbsent(peer.apply(flow), segment -> new ArrayList<>()).add(flow);
        }
        List<Object> rules = new ArrayList<>();
        by.forEach((segment, of) -> {
            SequencedMap<String, Object> rule = map();
            Inside.pods(segment)
                    .ifPresentOrElse(
                            pods -> {
                                SequencedMap<String, Object> labels = Manifests.labels(pods);
                                labels.put(NAMESPACE, pods.namespace());
                                rule.put(word + "Endpoints", List.of(map("matchLabels", labels)));
                            },
                            () -> rule.put(word + "CIDRSet", addresses(graph, segment)));
            List<Object> ports = of.stream().map(CiliumBackend::port).toList();
            List<Object> lists = new ArrayList<>();
            for (int i = 0; i < ports.size(); i += MOST_PORTS) {
                lists.add(map("ports", ports.subList(i, Math.min(ports.size(), i + MOST_PORTS))));
            }
            rule.put("toPorts", lists);
            rules.add(rule);
        });
        return rules;
    }

    private static List<Object> addresses(AccessGraph graph, Segment segment) {
        List<Object> addresses = new ArrayList<>();
        if (segment.isExternal()) {
            Inside.world(graph)
                    .forEach((whole, known) ->
                            addresses.add(
                                    known.isEmpty()
                                            ? map("cidr", whole)
                                            : map("cidr", whole, "except", known)));
        } else {
            segment.blocks().forEach(block -> addresses.add(map("cidr", block.toString())));
        }
        return addresses;
    }

    private static Object port(Flow flow) {
        SequencedMap<String, Object> port = map("port", Integer.toString(flow.ports().first()));
        if (!flow.ports().single()) {
            port.put("endPort", flow.ports().last());
        }
        port.put("protocol", flow.transport().name());
        return port;
    }

    @Override
    public Proof prove(String text, AccessGraph graph) throws NotUnderstoodException {
        return ClusterProof.of(CiliumReader.read(text), graph);
    }
}
