package atlas.segmentation.cluster;

import static atlas.segmentation.cluster.Manifests.map;

import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Pods;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.graph.Transport;
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
import java.util.stream.IntStream;

/**
 * {@code security.istio.io/v1} AuthorizationPolicy and PeerAuthentication: callers are known by
 * their SPIFFE IDs, over mutual TLS and nothing else. The mesh holds what goes into a workload;
 * what goes out of it is for the other targets.
 */
public final class IstioBackend implements Backend {
    private static final int MOST_PORTS = 64;

    @Override
    public Compiled compile(AccessGraph graph) throws InexpressibleException {
        Map<String, Segment> enforced = Inside.enforced(graph);
        List<Weakening> weakenings = new ArrayList<>();
        weakenings.add(
                new Weakening(
                        "egress",
                        "the mesh holds what goes into a workload, not what goes out of it; load"
                                + " the packet rules of another target, too"));
        weakenings.add(
                new Weakening(
                        "a pod without a sidecar or ambient enrolment",
                        "is not seen by the mesh at all"));
        List<Object> documents = new ArrayList<>();
        for (String namespace : Inside.namespaces(enforced)) {
            documents.add(
                    object(
                            "PeerAuthentication",
                            "atlas-strict",
                            namespace,
                            map("mtls", map("mode", "STRICT"))));
            // Of a policy without rules nothing matches: nothing is allowed.
            documents.add(object("AuthorizationPolicy", "atlas-default-deny", namespace, map()));
        }
        for (Map.Entry<String, Segment> entry : enforced.entrySet()) {
            Pods pods = Inside.pods(entry.getValue()).orElseThrow();
            List<Object> rules = rules(graph, entry.getValue(), weakenings);
            if (!rules.isEmpty()) {
                documents.add(
                        object(
                                "AuthorizationPolicy",
                                entry.getKey(),
                                pods.namespace(),
                                map(
                                        "selector",
                                        map("matchLabels", Manifests.labels(pods)),
                                        "action",
                                        "ALLOW",
                                        "rules",
                                        rules)));
            }
        }
        return new Compiled(Manifests.text("Istio", weakenings, documents), weakenings);
    }

    private static Object object(String kind, String name, String namespace, Object spec) {
        return Manifests.manifest("security.istio.io/v1", kind, name, namespace, spec);
    }

    private static List<Object> rules(
            AccessGraph graph, Segment segment, List<Weakening> weakenings)
            throws InexpressibleException {
        SequencedMap<Segment, List<Flow>> plain = new LinkedHashMap<>();
        List<Object> rules = new ArrayList<>();
        for (Flow flow : graph.flows()) {
            if (!flow.to().name().equals(segment.name())) {
                continue;
            }
            Optional<String> stricter = unheld(flow);
            if (stricter.isPresent()) {
                weakenings.add(new Weakening(flow.toString(), stricter.get()));
            } else if (flow.monitoring()) {
                rules.add(
                        rule(
                                flow.from(),
                                map(
                                        "ports",
                                        ports(flow).toList(),
                                        "methods",
                                        List.of("GET", "HEAD"),
                                        "paths",
                                        Flow.MONITORED)));
            } else {
                plain.computeIfAbsent(flow.from(), from -> new ArrayList<>()).add(flow);
            }
        }
        for (Map.Entry<Segment, List<Flow>> entry : plain.entrySet()) {
            List<String> ports = new ArrayList<>();
            for (Flow flow : entry.getValue()) {
                if (flow.ports().last() - flow.ports().first() >= MOST_PORTS) {
                    throw new InexpressibleException(
                            List.of(
                                    "`"
                                            + flow
                                            + "` is more ports than an AuthorizationPolicy can"
                                            + " list; narrow it to "
                                            + MOST_PORTS));
                }
                ports.addAll(ports(flow).toList());
            }
            rules.add(rule(entry.getKey(), map("ports", ports)));
        }
        return rules;
    }

    /** Why the mesh does not hold a flow; empty when it does. */
    private static Optional<String> unheld(Flow flow) {
        if (flow.transport() == Transport.UDP) {
            return Optional.of("UDP does not pass the mesh, which neither allows nor denies it");
        }
        if (principals(flow.from()).isEmpty()) {
            return Optional.of(
                    "stricter: the mesh lets in who has an identity, and this source has none; give"
                            + " it `spiffe`, or let it come through a gateway that has one");
        }
        return Optional.empty();
    }

    private static java.util.stream.Stream<String> ports(Flow flow) {
        return IntStream.rangeClosed(flow.ports().first(), flow.ports().last())
                .mapToObj(Integer::toString);
    }

    private static Object rule(Segment from, Object operation) {
        return map(
                "from",
                List.of(map("source", map("principals", principals(from)))),
                "to",
                List.of(map("operation", operation)));
    }

    /** Identities as Istio writes them: without the scheme. */
    static List<String> principals(Segment segment) {
        if (!segment.identities().isEmpty()) {
            return segment.identities().stream()
                    .map(id -> id.substring("spiffe://".length()))
                    .toList();
        }
        return Inside.pods(segment)
                .map(pods ->
                        List.of(
                                "cluster.local/ns/"
                                        + pods.namespace()
                                        + "/sa/"
                                        + Inside.objectName(segment)))
                .orElse(List.of());
    }

    @Override
    public Proof prove(String text, AccessGraph graph) throws NotUnderstoodException {
        return new IstioProof(text, graph).proof();
    }
}
