package atlas.segmentation.cluster;

import static atlas.segmentation.cluster.Manifests.known;
import static atlas.segmentation.cluster.Manifests.list;
import static atlas.segmentation.cluster.Manifests.object;

import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Pods;
import atlas.segmentation.graph.Ports;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.graph.Transport;
import atlas.segmentation.target.Carried;
import atlas.segmentation.target.Difference;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Proof;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Works out what AuthorizationPolicies let into each workload and holds it against the graph: for
 * every source that has an identity, for one that is a stranger and for one that has none; for
 * requests that read metrics and for others.
 */
final class IstioProof {
    private static final String STRANGER = "elsewhere.example/stranger";

    private final AccessGraph graph;
    private final List<Policy> policies = new ArrayList<>();
    private final Set<String> strict = new HashSet<>();

    /** Null methods or paths are any. */
    private record Rule(
            List<String> principals, Carried ports, List<String> methods, List<String> paths) {}

    private record Policy(Selected.Pick pods, List<Rule> rules) {}

    private record Request(String called, String method, String path) {}

    private static final List<Request> REQUESTS =
            List.of(
                    new Request("GET /metrics", "GET", "/metrics"),
                    new Request("GET /readyz", "GET", "/readyz"),
                    new Request("POST /metrics", "POST", "/metrics"),
                    new Request("GET /v1/models", "GET", "/v1/models"),
                    new Request("not HTTP", "", ""));

    IstioProof(String text, AccessGraph graph) throws NotUnderstoodException {
        this.graph = graph;
        for (Map<String, Object> document : Manifests.read(text)) {
            Map<String, Object> metadata = object(document.get("metadata"));
            String namespace = String.valueOf(metadata.getOrDefault("namespace", "default"));
            Map<String, Object> spec = object(document.get("spec"));
            switch (String.valueOf(document.get("kind"))) {
                case "PeerAuthentication" -> {
                    Map<String, Object> mtls = known(spec, "mtls");
                    if ("STRICT".equals(object(mtls.get("mtls")).get("mode"))) {
                        strict.add(namespace);
                    }
                }
                case "AuthorizationPolicy" -> policies.add(policy(spec, namespace));
                default ->
                        throw new NotUnderstoodException(
                                0, "`" + document.get("kind") + "` is not understood here");
            }
        }
    }

    private static Policy policy(Map<String, Object> spec, String namespace)
            throws NotUnderstoodException {
        known(spec, "selector", "action", "rules");
        if (!"ALLOW".equals(spec.getOrDefault("action", "ALLOW"))) {
            throw new NotUnderstoodException(0, "only the action ALLOW is understood here");
        }
        Map<String, Object> selector = known(object(spec.get("selector")), "matchLabels");
        List<Rule> rules = new ArrayList<>();
        for (Object one : list(spec.get("rules"))) {
            rules.addAll(rules(known(object(one), "from", "to")));
        }
        return new Policy(
                new Selected.Pick(namespace, Manifests.strings(selector.get("matchLabels"))),
                List.copyOf(rules));
    }

    private static List<Rule> rules(Map<String, Object> rule) throws NotUnderstoodException {
        List<String> principals = new ArrayList<>();
        for (Object from : list(rule.get("from"))) {
            Map<String, Object> source =
                    known(object(known(object(from), "source").get("source")), "principals");
            principals.addAll(strings(source.get("principals")));
        }
        if (!rule.containsKey("from")) {
            // Anybody, with an identity or without.
            principals.add("*");
            principals.add("");
        }
        List<Rule> rules = new ArrayList<>();
        for (Object to : list(rule.get("to"))) {
            Map<String, Object> operation =
                    known(
                            object(known(object(to), "operation").get("operation")),
                            "ports",
                            "methods",
                            "paths");
            Carried ports = operation.containsKey("ports") ? Carried.NOTHING : Carried.EVERYTHING;
            for (String port : strings(operation.get("ports"))) {
                ports = ports.or(NetworkPolicyReader.ports("TCP", port, null));
            }
            rules.add(
                    new Rule(
                            List.copyOf(principals),
                            ports,
                            strings(operation.get("methods")),
                            strings(operation.get("paths"))));
        }
        if (!rule.containsKey("to")) {
            rules.add(new Rule(List.copyOf(principals), Carried.EVERYTHING, List.of(), List.of()));
        }
        return rules;
    }

    private static List<String> strings(@org.jspecify.annotations.Nullable Object node)
            throws NotUnderstoodException {
        List<String> strings = new ArrayList<>();
        for (Object one : list(node)) {
            strings.add(String.valueOf(one));
        }
        return List.copyOf(strings);
    }

    Proof proof() {
        Proof.Tally tally = new Proof.Tally();
        for (Segment to : graph.segments().values()) {
            if (!Inside.enforced(to)) {
                continue;
            }
            Pods pods = Inside.pods(to).orElseThrow();
            Place.Pod place =
                    new Place.Pod(
                            to.name(), pods.namespace(), pods.labels(), true, Optional.empty());
            into(tally, place);
            // Pods of the namespace that are of no segment take nothing.
            into(
                    tally,
                    new Place.Pod(
                            "no segment", pods.namespace(), Map.of(), true, Optional.empty()));
        }
        return tally.proof();
    }

    private void into(Proof.Tally tally, Place.Pod place) {
        for (Segment from : graph.segments().values()) {
            for (String principal : IstioBackend.principals(from)) {
                compare(tally, from.name(), principal.replace("*", "any"), place);
            }
        }
        compare(tally, "a stranger", STRANGER, place);
        compare(tally, "who has no identity", "", place);
    }

    private void compare(Proof.Tally tally, String from, String principal, Place.Pod place) {
        for (Request request : REQUESTS) {
            Carried found = found(principal, place, request);
            Carried wanted = wanted(from, place.segment(), request);
            tally.compared();
            Carried open = found.without(wanted);
            Carried closed = wanted.without(found);
            if (!open.isEmpty()) {
                tally.add(
                        new Difference(
                                true, from, place.segment(), open.toString(), request.called()));
            }
            if (!closed.isEmpty()) {
                tally.add(
                        new Difference(
                                false, from, place.segment(), closed.toString(), request.called()));
            }
        }
    }

    private Carried wanted(String from, String to, Request request) {
        Carried wanted = Carried.NOTHING;
        boolean reads = request.method().equals("GET") && Flow.MONITORED.contains(request.path());
        for (Flow flow : graph.between(from, to)) {
            if (flow.transport() == Transport.TCP && (reads || !flow.monitoring())) {
                wanted = wanted.or(Carried.of(Transport.TCP, flow.ports()));
            }
        }
        return wanted;
    }

    private Carried found(String principal, Place.Pod place, Request request) {
        Carried everything = Carried.of(Transport.TCP, new Ports(1, Ports.MAX));
        List<Policy> selecting =
                policies.stream().filter(policy -> policy.pods().picks(place)).toList();
        // In a namespace that is not strict, a principal is nothing to rely on.
        if (selecting.isEmpty() || !strict.contains(place.namespace())) {
            return everything;
        }
        Carried found = Carried.NOTHING;
        for (Policy policy : selecting) {
            for (Rule rule : policy.rules()) {
                boolean who = rule.principals().stream().anyMatch(p -> matches(p, principal));
                boolean how =
                        (rule.methods().isEmpty()
                                        || rule.methods().stream()
                                                .anyMatch(m -> matches(m, request.method())))
                                && (rule.paths().isEmpty()
                                        || rule.paths().stream()
                                                .anyMatch(p -> matches(p, request.path())));
                if (who && how) {
                    found = found.or(rule.ports().and(everything));
                }
            }
        }
        return found;
    }

    /** Istio knows exact values, a prefix, a suffix, and presence. */
    private static boolean matches(String pattern, String value) {
        if (value.isEmpty()) {
            return pattern.isEmpty();
        }
        if (pattern.equals("*")) {
            return true;
        }
        if (pattern.endsWith("*")) {
            return value.startsWith(pattern.substring(0, pattern.length() - 1));
        }
        if (pattern.startsWith("*")) {
            return value.endsWith(pattern.substring(1));
        }
        return pattern.equals(value);
    }
}
