package atlas.segmentation.cluster;

import static atlas.segmentation.cluster.Manifests.known;
import static atlas.segmentation.cluster.Manifests.list;
import static atlas.segmentation.cluster.Manifests.object;

import atlas.core.Cidr;
import atlas.segmentation.cluster.Selected.Addresses;
import atlas.segmentation.cluster.Selected.Pick;
import atlas.segmentation.cluster.Selected.Rule;
import atlas.segmentation.graph.Block;
import atlas.segmentation.graph.Ports;
import atlas.segmentation.graph.Transport;
import atlas.segmentation.target.Carried;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads NetworkPolicies by the semantics of their API reference. */
final class NetworkPolicyReader {
    private NetworkPolicyReader() {}

    static List<Selected> read(String text) throws NotUnderstoodException {
        List<Selected> policies = new ArrayList<>();
        for (Map<String, Object> document : Manifests.read(text)) {
            if (!"NetworkPolicy".equals(document.get("kind"))) {
                throw new NotUnderstoodException(
                        0, "`" + document.get("kind") + "` is not a NetworkPolicy");
            }
            policies.add(policy(document));
        }
        return policies;
    }

    private static Selected policy(Map<String, Object> document) throws NotUnderstoodException {
        Map<String, Object> metadata = object(document.get("metadata"));
        String namespace = String.valueOf(metadata.getOrDefault("namespace", "default"));
        Map<String, Object> spec =
                known(
                        object(document.get("spec")),
                        "podSelector",
                        "policyTypes",
                        "ingress",
                        "egress");
        if (!spec.containsKey("podSelector")) {
            throw new NotUnderstoodException(0, "a policy without `podSelector` is none");
        }
        List<?> types = list(spec.get("policyTypes"));
        // Without types, a policy isolates ingress, and egress where it has a rule for it.
        boolean egress =
                types.isEmpty() ? !list(spec.get("egress")).isEmpty() : types.contains("Egress");
        boolean ingress = types.isEmpty() || types.contains("Ingress");
        return new Selected(
                String.valueOf(metadata.get("name")),
                new Pick(namespace, labels(spec.get("podSelector"))),
                ingress,
                egress,
                ingress ? rules(list(spec.get("ingress")), "from", namespace) : List.of(),
                egress ? rules(list(spec.get("egress")), "to", namespace) : List.of());
    }

    private static Map<String, String> labels(@org.jspecify.annotations.Nullable Object selector)
            throws NotUnderstoodException {
        return Manifests.strings(known(object(selector), "matchLabels").get("matchLabels"));
    }

    private static List<Rule> rules(List<?> list, String word, String namespace)
            throws NotUnderstoodException {
        List<Rule> rules = new ArrayList<>();
        for (Object item : list) {
            Map<String, Object> rule = known(object(item), word, "ports");
            List<Pick> pods = new ArrayList<>();
            List<Addresses> addresses = new ArrayList<>();
            List<?> peers = list(rule.get(word));
            for (Object peer : peers) {
                peer(object(peer), namespace, pods, addresses);
            }
            rules.add(
                    new Rule(
                            peers.isEmpty(),
                            List.copyOf(pods),
                            List.copyOf(addresses),
                            ports(list(rule.get("ports")))));
        }
        return List.copyOf(rules);
    }

    private static void peer(
            Map<String, Object> peer, String namespace, List<Pick> pods, List<Addresses> addresses)
            throws NotUnderstoodException {
        known(peer, "ipBlock", "namespaceSelector", "podSelector");
        if (peer.containsKey("ipBlock")) {
            Map<String, Object> block = known(object(peer.get("ipBlock")), "cidr", "except");
            List<Range> except = new ArrayList<>();
            for (Object one : list(block.get("except"))) {
                except.add(range(one));
            }
            addresses.add(
                    new Addresses(
                            range(Objects.requireNonNullElse(block.get("cidr"), "")),
                            List.copyOf(except)));
            return;
        }
        String in = namespace;
        if (peer.containsKey("namespaceSelector")) {
            Map<String, String> labels = labels(peer.get("namespaceSelector"));
            String named = labels.remove("kubernetes.io/metadata.name");
            if (!labels.isEmpty()) {
                throw new NotUnderstoodException(0, "a namespace is known here by its name alone");
            }
            in = named == null ? Pick.ANY : named;
        }
        pods.add(new Pick(in, labels(peer.get("podSelector"))));
    }

    static Range range(Object cidr) throws NotUnderstoodException {
        try {
            return Range.of(Block.of(Cidr.parse(String.valueOf(cidr))));
        } catch (IllegalArgumentException e) {
            throw new NotUnderstoodException(0, "`" + cidr + "` is not a block of addresses");
        }
    }

    private static Carried ports(List<?> list) throws NotUnderstoodException {
        Carried carried = list.isEmpty() ? Carried.EVERYTHING : Carried.NOTHING;
        for (Object item : list) {
            Map<String, Object> port = known(object(item), "protocol", "port", "endPort");
            carried =
                    carried.or(
                            ports(
                                    String.valueOf(port.getOrDefault("protocol", "TCP")),
                                    port.get("port"),
                                    port.get("endPort")));
        }
        return carried;
    }

    static Carried ports(
            String protocol,
            @org.jspecify.annotations.Nullable Object first,
            @org.jspecify.annotations.Nullable Object last)
            throws NotUnderstoodException {
        try {
            Transport transport = Transport.valueOf(protocol);
            if (first == null) {
                return Carried.of(transport);
            }
            int from = Integer.parseInt(String.valueOf(first));
            int to = last == null ? from : Integer.parseInt(String.valueOf(last));
            return Carried.of(transport, new Ports(from, to));
        } catch (IllegalArgumentException e) {
            throw new NotUnderstoodException(
                    0, "`" + protocol + "` on `" + first + "` is not understood");
        }
    }
}
