package atlas.segmentation.cluster;

import atlas.segmentation.cluster.Selected.Addresses;
import atlas.segmentation.cluster.Selected.Pick;
import atlas.segmentation.cluster.Selected.Rule;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Block;
import atlas.segmentation.graph.Family;
import atlas.segmentation.graph.Flow;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
        classes();
        known();
        strangers();
    }

    static Proof of(List<Selected> policies, AccessGraph graph) {
        return new ClusterProof(policies, graph).compare();
    }

    /** Pods that belong nowhere, and some that only look as if they did. */
    private void strangers() {
        Map<String, Boolean> namespaces = new TreeMap<>();
        for (Segment segment : graph.segments().values()) {
            Inside.pods(segment)
                    .ifPresent(of -> {
                        namespaces.merge(of.namespace(), of.enforced(), Boolean::logicalOr);
                        // Whoever may make pods elsewhere gives them any label.
                        String name = "an impostor of " + segment.name();
                        places.add(
                                new Place.Pod(
                                        name, "elsewhere", of.labels(), false, Optional.empty()));
                    });
        }
        namespaces.forEach((namespace, enforced) ->
                places.add(
                        new Place.Pod(
                                "a pod of no segment",
                                namespace,
                                Map.of(),
                                enforced,
                                Optional.empty())));
    }

    private void classes() {
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
            classes.put(family, new AddressClasses(family, ranges));
        }
    }

    /** Every segment, at each class of its addresses, and what is outside of all. */
    private void known() {
        Map<Place.At, Segment> owners = new HashMap<>();
        classes.forEach((family, of) -> {
            for (Segment segment : graph.segments().values()) {
                for (Block block : segment.blocks(family)) {
                    of.in(Range.of(block)).stream()
                            .forEach(c -> owners.put(at(family, c), segment));
                }
            }
            for (int c = 0; c < of.count(); c++) {
                Place.At at = at(family, c);
                place(owners.getOrDefault(at, Segment.external()), Optional.of(at));
            }
        });
        graph.segments().values().stream()
                .filter(segment -> segment.blocks().isEmpty())
                .forEach(segment -> place(segment, Optional.empty()));
    }

    private Place.At at(Family family, int of) {
        return new Place.At(
                family, of, java.util.Objects.requireNonNull(classes.get(family)).example(of));
    }

    private void place(Segment segment, Optional<Place.At> at) {
        places.add(
                Inside.pods(segment)
                        .<Place>map(pods ->
                                new Place.Pod(
                                        segment.name(),
                                        pods.namespace(),
                                        pods.labels(),
                                        pods.enforced(),
                                        at))
                        .orElseGet(() -> new Place.Outside(segment.name(), at)));
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
                Place source = places.get(from);
                Place destination = places.get(to);
                if (!meet(source, destination)) {
                    continue;
                }
                Carried wanted = wanted(source, destination);
                // Each end alone has to hold the policy: the other may lack, or come later.
                if (enforced(source)) {
                    Carried found = sends.get(from).getOrDefault(to, isolated(from, false));
                    differ(tally, source, destination, found, wanted, "where it starts");
                }
                if (enforced(destination)) {
                    Carried found = takes.get(to).getOrDefault(from, isolated(to, true));
                    differ(tally, source, destination, found, wanted, "where it ends");
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

    /** Whether a policy is meant to select it. */
    private static boolean enforced(Place place) {
        return place instanceof Place.Pod pod && pod.enforced();
    }

    /** No packet has a source of one family and a destination of the other. */
    private static boolean meet(Place from, Place to) {
        return from.at().isEmpty()
                || to.at().isEmpty()
                || from.at().get().family() == to.at().get().family();
    }

    private Carried wanted(Place from, Place to) {
        return expected.getOrDefault(from.segment(), Map.of())
                .getOrDefault(to.segment(), Carried.NOTHING);
    }

    private static void differ(
            Proof.Tally tally, Place from, Place to, Carried found, Carried wanted, String where) {
        tally.compared();
        if (found.equals(wanted)) {
            return;
        }
        Carried open = found.without(wanted);
        Carried closed = wanted.without(found);
        if (!open.isEmpty()) {
            tally.add(new Difference(true, from.called(), to.called(), open.toString(), where));
        }
        if (!closed.isEmpty()) {
            tally.add(new Difference(false, from.called(), to.called(), closed.toString(), where));
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
                    AddressClasses of = java.util.Objects.requireNonNull(classes.get(family));
                    BitSet in = (BitSet) of.in(addresses.range()).clone();
                    addresses.except().forEach(except -> in.andNot(of.in(except)));
                    BitSet set = new BitSet();
                    for (int i = 0; i < places.size(); i++) {
                        if (places.get(i)
                                .at()
                                .filter(at -> at.family() == family && in.get(at.of()))
                                .isPresent()) {
                            set.set(i);
                        }
                    }
                    return set;
                });
    }
}
