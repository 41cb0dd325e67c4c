package atlas.segmentation.cluster;

import static atlas.segmentation.cluster.Manifests.map;

import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Block;
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
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * {@code networking.k8s.io/v1} NetworkPolicy: one for each segment's pods, and nothing else passes.
 */
public final class KubernetesBackend implements Backend {
    @Override
    public Compiled compile(AccessGraph graph) throws InexpressibleException {
        Map<String, Segment> enforced = Inside.enforced(graph);
        List<Object> documents = new ArrayList<>();
        for (String namespace : Inside.namespaces(enforced)) {
            documents.add(
                    policy(
                            "atlas-default-deny",
                            namespace,
                            map(
                                    "podSelector",
                                    map(),
                                    "policyTypes",
                                    List.of("Ingress", "Egress"))));
        }
        Map<String, List<Flow>> into = new LinkedHashMap<>();
        Map<String, List<Flow>> out = new LinkedHashMap<>();
        for (Flow flow : graph.flows()) {
            into.computeIfAbsent(flow.to().name(), name -> new ArrayList<>()).add(flow);
            out.computeIfAbsent(flow.from().name(), name -> new ArrayList<>()).add(flow);
        }
        enforced.forEach((name, segment) -> {
            Pods pods = Inside.pods(segment).orElseThrow();
            SequencedMap<String, Object> spec =
                    map(
                            "podSelector",
                            map("matchLabels", Manifests.labels(pods)),
                            "policyTypes",
                            List.of("Ingress", "Egress"));
            List<Object> ingress =
                    rules(graph, into.getOrDefault(segment.name(), List.of()), Flow::from, "from");
            List<Object> egress =
                    rules(graph, out.getOrDefault(segment.name(), List.of()), Flow::to, "to");
            if (!ingress.isEmpty()) {
                spec.put("ingress", ingress);
            }
            if (!egress.isEmpty()) {
                spec.put("egress", egress);
            }
            documents.add(policy(name, pods.namespace(), spec));
        });
        List<Weakening> weakenings = new ArrayList<>(Inside.weakenings(graph));
        weakenings.add(
                new Weakening(
                        "NetworkPolicy",
                        "is held by the network plugin; without one that enforces it, nothing is"
                                + " denied and nothing says so"));
        if (graph.flows().stream().anyMatch(flow -> flow.from().isExternal())) {
            weakenings.add(
                    new Weakening(
                            "external",
                            "is every address that `cidrs` does not name; whether a pod in no"
                                    + " segment counts as one depends on the network plugin"));
        }
        return new Compiled(Manifests.text("Kubernetes", weakenings, documents), weakenings);
    }

    private static Object policy(String name, String namespace, Object spec) {
        return Manifests.manifest("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec);
    }

    private static List<Object> rules(
            AccessGraph graph, List<Flow> flows, Function<Flow, Segment> peer, String word) {
        SequencedMap<Segment, List<Flow>> by = new LinkedHashMap<>();
        for (Flow flow : flows) {
            by.computeIfAbsent(peer.apply(flow), segment -> new ArrayList<>()).add(flow);
        }
        List<Object> rules = new ArrayList<>();
        by.forEach((segment, of) ->
                rules.add(
                        map(
                                word,
                                peers(graph, segment),
                                "ports",
                                of.stream().map(KubernetesBackend::port).toList())));
        return rules;
    }

    private static Object port(Flow flow) {
        SequencedMap<String, Object> port =
                map("protocol", flow.transport().name(), "port", flow.ports().first());
        if (!flow.ports().single()) {
            port.put("endPort", flow.ports().last());
        }
        return port;
    }

    private static List<Object> peers(AccessGraph graph, Segment segment) {
        List<Object> peers = new ArrayList<>();
        Optional<Pods> pods = Inside.pods(segment);
        if (pods.isPresent()) {
            peers.add(
                    map(
                            "namespaceSelector",
                            map(
                                    "matchLabels",
                                    map("kubernetes.io/metadata.name", pods.get().namespace())),
                            "podSelector",
                            map("matchLabels", Manifests.labels(pods.get()))));
        } else if (segment.isExternal()) {
            Inside.world(graph)
                    .forEach((whole, known) ->
                            peers.add(
                                    map(
                                            "ipBlock",
                                            known.isEmpty()
                                                    ? map("cidr", whole)
                                                    : map("cidr", whole, "except", known))));
        } else {
            for (Block block : segment.blocks()) {
                peers.add(map("ipBlock", map("cidr", block.toString())));
            }
        }
        return peers;
    }

    @Override
    public Proof prove(String text, AccessGraph graph) throws NotUnderstoodException {
        return ClusterProof.of(NetworkPolicyReader.read(text), graph);
    }
}
