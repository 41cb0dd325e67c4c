package atlas.segmentation.cluster;

import static atlas.segmentation.cluster.Manifests.known;
import static atlas.segmentation.cluster.Manifests.list;
import static atlas.segmentation.cluster.Manifests.object;

import atlas.segmentation.cluster.Selected.Addresses;
import atlas.segmentation.cluster.Selected.Pick;
import atlas.segmentation.cluster.Selected.Rule;
import atlas.segmentation.target.Carried;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads CiliumNetworkPolicies by the semantics of Cilium's documentation. */
final class CiliumReader {
    private CiliumReader() {}

    static List<Selected> read(String text) throws NotUnderstoodException {
        List<Selected> policies = new ArrayList<>();
        for (Map<String, Object> document : Manifests.read(text)) {
            if (!"CiliumNetworkPolicy".equals(document.get("kind"))) {
                throw new NotUnderstoodException(
                        0, "`" + document.get("kind") + "` is not a CiliumNetworkPolicy");
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
                        "description",
                        "endpointSelector",
                        "enableDefaultDeny",
                        "ingress",
                        "egress");
        if (!spec.containsKey("endpointSelector")) {
            throw new NotUnderstoodException(0, "a policy without `endpointSelector` is none");
        }
        Map<String, Object> deny = object(spec.get("enableDefaultDeny"));
        Pick pods = pick(object(spec.get("endpointSelector")), namespace);
        return new Selected(
                String.valueOf(metadata.get("name")),
                pods,
                isolates(spec, deny, "ingress"),
                isolates(spec, deny, "egress"),
                rules(list(spec.get("ingress")), "from", namespace),
                rules(list(spec.get("egress")), "to", namespace));
    }

    /** A section isolates where it is there, unless it is told not to. */
    private static boolean isolates(
            Map<String, Object> spec, Map<String, Object> deny, String section) {
        return spec.containsKey(section) && !Boolean.FALSE.equals(deny.get(section));
    }

    /** Pods of the policy's namespace, unless the labels name another. */
    private static Pick pick(Map<String, Object> selector, String namespace)
            throws NotUnderstoodException {
        Map<String, String> labels =
                Manifests.strings(known(selector, "matchLabels").get("matchLabels"));
        String named = labels.remove(CiliumBackend.NAMESPACE);
        return new Pick(named == null ? namespace : named, labels);
    }

    private static List<Rule> rules(List<?> list, String word, String namespace)
            throws NotUnderstoodException {
        List<Rule> rules = new ArrayList<>();
        for (Object item : list) {
            Map<String, Object> rule =
                    known(object(item), word + "Endpoints", word + "CIDRSet", "toPorts");
            if (rule.isEmpty()) {
                continue;
            }
            List<Pick> pods = new ArrayList<>();
            for (Object one : list(rule.get(word + "Endpoints"))) {
                pods.add(pick(object(one), namespace));
            }
            List<Addresses> addresses = new ArrayList<>();
            for (Object one : list(rule.get(word + "CIDRSet"))) {
                Map<String, Object> block = known(object(one), "cidr", "except");
                List<Range> except = new ArrayList<>();
                for (Object left : list(block.get("except"))) {
                    except.add(NetworkPolicyReader.range(left));
                }
                addresses.add(
                        new Addresses(
                                NetworkPolicyReader.range(
                                        Objects.requireNonNullElse(block.get("cidr"), "")),
                                List.copyOf(except)));
            }
            boolean anybody =
                    !rule.containsKey(word + "Endpoints") && !rule.containsKey(word + "CIDRSet");
            rules.add(
                    new Rule(
                            anybody,
                            List.copyOf(pods),
                            List.copyOf(addresses),
                            ports(rule.get("toPorts"))));
        }
        return List.copyOf(rules);
    }

    private static Carried ports(@org.jspecify.annotations.Nullable Object toPorts)
            throws NotUnderstoodException {
        Carried carried = toPorts == null ? Carried.EVERYTHING : Carried.NOTHING;
        for (Object item : list(toPorts)) {
            for (Object one : list(known(object(item), "ports").get("ports"))) {
                Map<String, Object> port = known(object(one), "port", "endPort", "protocol");
                carried =
                        carried.or(
                                NetworkPolicyReader.ports(
                                        String.valueOf(port.get("protocol")),
                                        port.get("port"),
                                        port.get("endPort")));
            }
        }
        return carried;
    }
}
