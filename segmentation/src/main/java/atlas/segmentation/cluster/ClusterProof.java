package atlas.segmentation.cluster;

import atlas.segmentation.cluster.Selected.Addresses;
import atlas.segmentation.cluster.Selected.Pick;
import atlas.segmentation.cluster.Selected.Rule;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Block;
import atlas.segmentation.graph.Family;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Pods;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.target.AddressClasses;
import atlas.segmentation.target.Carried;
import atlas.segmentation.target.Difference;
import atlas.segmentation.target.Proof;
import atlas.segmentation.target.Range;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Holds policies that select pods against the graph: between the pods of every segment, every class
 * of addresses outside, and pods that belong nowhere.
 */
final class ClusterProof {
    private final List<Selected> policies;
    private final AccessGraph graph;
    private final Map<Family, AddressClasses> classes = new EnumMap<>(Family.class);
    private final List<Place> places = new ArrayList<>();
    private final Map<Pick, BitSet> picked = new HashMap<>();
    private final Map<Addresses, BitSet> addressed = new HashMap<>();
    private final Map<String, Map<String, Carried>> expected = new HashMap<>();

    private ClusterProof(List<Selected> policies, AccessGraph graph) {
        this.policies = policies;
        this.graph = graph;
        for (Flow flow : graph.flows()) {
            expected.computeIfAbsent(flow.from().name(), from -> new HashMap<>())
                    .merge(
                            flow.to().name(),
                            Carried.of(flow.transport(), flow.ports()),
                            Carried::or);
        }
        pods();
        outside();
    }

    static Proof of(List<Selected> policies, AccessGraph graph) {
        return new ClusterProof(policies, graph).compare();
    }

    private void pods() {
        Set<String> namespaces = new HashSet<>();
        for (Segment segment : graph.segments().values()) {
            Optional<Pods> pods = Inside.pods(segment);
            pods.ifPresent(of ->
                    places.add(
                            new Place.Pod(
                                    segment.name(), of.namespace(), of.labels(), of.enforced())));
            pods.filter(Pods::enforced)
                    .ifPresent(of -> {
                        namespaces.add(of.namespace());
                        // Whoever may make pods elsewhere gives them any label.
                        places.add(
                                new Place.Pod(
                                        "an impostor of " + segment.name(),
                                        "elsewhere",
                                        of.labels(),
                                        false));
                    });
        }
        namespaces.stream()
                .sorted()
                .forEach(namespace ->
                        places.add(
                                new Place.Pod("a pod of no segment", namespace, Map.of(), true)));
    }

    private void outside() {
        List<Range> ranges = new ArrayList<>();
        for (Selected policy : policies) {
            for (List<Rule> rules : List.of(policy.ingress(), policy.egress())) {
                for (Rule rule : rules) {
                    for (Addresses addresses : rule.addresses()) {
                        ranges.add(addresses.range());
                        ranges.addAll(addresses.except());
                    }
                }
            }
        }
        for (Segment segment : graph.segments().values()) {
            segment.blocks().forEach(block -> ranges.add(Range.of(block)));
        }
        for (Family family : Family.values()) {
            AddressClasses of = new AddressClasses(family, ranges);
            classes.put(family, of);
            Map<Integer, Segment> owners = new HashMap<>();
            for (Segment segment : graph.segments().values()) {
                for (Block block : segment.blocks(family)) {
                    of.in(Range.of(block)).stream().forEach(c -> owners.put(c, segment));
                }
            }
            for (int c = 0; c < of.count(); c++) {
                Segment owner = owners.getOrDefault(c, Segment.external());
                // Addresses of pods are not how policies know them.
                if (Inside.pods(owner).isEmpty()) {
                    places.add(
                            new Place.Address(
                                    owner.name(), of.example(c), c, family == Family.IPV6));
                }
            }
        }
    }

    private Proof compare() {
        Proof.Tally tally = new Proof.Tally();
        List<Map<Integer, Carried>> sends = new ArrayList<>();
        List<Map<Integer, Carried>> takes = new ArrayList<>();
        for (Place place : places) {
            sends.add(place instanceof Place.Pod pod ? reach(pod, false) : Map.of());
            takes.add(place instanceof Place.Pod pod ? reach(pod, true) : Map.of());
        }
        for (int from = 0; from < places.size(); from++) {
            for (int to = 0; to < places.size(); to++) {
                if (!seen(places.get(from), places.get(to))) {
                    continue;
                }
                Carried out = sends.get(from).getOrDefault(to, isolated(from, false));
                Carried in = takes.get(to).getOrDefault(from, isolated(to, true));
                Carried found = out.isEmpty() ? out : out.and(in);
                Carried wanted = wanted(places.get(from), places.get(to));
                tally.compared();
                if (!found.equals(wanted)) {
                    differ(tally, places.get(from), places.get(to), found, wanted);
                }
            }
        }
        return tally.proof();
    }

    private final Map<Integer, Carried> isolation = new HashMap<>();

    /**
     * What is let through where no rule says anything: all, unless some policy isolates the pod.
     */
    private Carried isolated(int of, boolean ingress) {
        return isolation.computeIfAbsent(
                2 * of + (ingress ? 1 : 0),
                key -> {
                    boolean isolated =
                            places.get(of) instanceof Place.Pod pod
                                    && policies.stream()
                                            .anyMatch(policy ->
                                                    (ingress
                                                                    ? policy.isolatesIngress()
                                                                    : policy.isolatesEgress())
                                                            && policy.pods().picks(pod));
                    return isolated ? Carried.NOTHING : Carried.EVERYTHING;
                });
    }

    /** Whether any policy that is meant to be there sees it pass. */
    private static boolean seen(Place from, Place to) {
        boolean source = from instanceof Place.Pod pod && pod.enforced();
        boolean destination = to instanceof Place.Pod pod && pod.enforced();
        return source || destination;
    }

    private Carried wanted(Place from, Place to) {
        return expected.getOrDefault(from.segment(), Map.of())
                .getOrDefault(to.segment(), Carried.NOTHING);
    }

    private static void differ(
            Proof.Tally tally, Place from, Place to, Carried found, Carried wanted) {
        Carried open = found.without(wanted);
        Carried closed = wanted.without(found);
        if (!open.isEmpty()) {
            tally.add(
                    new Difference(
                            true, from.called(), to.called(), open.toString(), "in the cluster"));
        }
        if (!closed.isEmpty()) {
            tally.add(
                    new Difference(
                            false,
                            from.called(),
                            to.called(),
                            closed.toString(),
                            "in the cluster"));
        }
    }

    /** What rules let a pod have to do with others, by the number of their place. */
    private Map<Integer, Carried> reach(Place.Pod pod, boolean ingress) {
        Map<Integer, Carried> reach = new LinkedHashMap<>();
        for (Selected policy : policies) {
            if (!policy.pods().picks(pod)) {
                continue;
            }
            for (Rule rule : ingress ? policy.ingress() : policy.egress()) {
                BitSet others = new BitSet();
                if (rule.anybody()) {
                    others.set(0, places.size());
                }
                rule.pods().forEach(pick -> others.or(picked(pick)));
                rule.addresses().forEach(addresses -> others.or(addressed(addresses)));
                others.stream().forEach(other -> reach.merge(other, rule.carried(), Carried::or));
            }
        }
        return reach;
    }

    private BitSet picked(Pick pick) {
        return picked.computeIfAbsent(
                pick,
                key -> {
                    BitSet set = new BitSet();
                    for (int i = 0; i < places.size(); i++) {
                        if (places.get(i) instanceof Place.Pod pod && pick.picks(pod)) {
                            set.set(i);
                        }
                    }
                    return set;
                });
    }

    private BitSet addressed(Addresses addresses) {
        return addressed.computeIfAbsent(
                addresses,
                key -> {
                    Family family = addresses.range().family();
                    AddressClasses of = classes.get(family);
                    BitSet in = (BitSet) of.in(addresses.range()).clone();
                    addresses.except().forEach(except -> in.andNot(of.in(except)));
                    BitSet set = new BitSet();
                    for (int i = 0; i < places.size(); i++) {
                        if (places.get(i) instanceof Place.Address address
                                && address.six() == (family == Family.IPV6)
                                && in.get(address.of())) {
                            set.set(i);
                        }
                    }
                    return set;
                });
    }
}
