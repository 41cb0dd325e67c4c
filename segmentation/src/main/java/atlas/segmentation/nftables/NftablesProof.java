package atlas.segmentation.nftables;

import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Block;
import atlas.segmentation.graph.Family;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.nftables.Interpreter.Given;
import atlas.segmentation.nftables.Interpreter.Situation;
import atlas.segmentation.nftables.Ruleset.Element;
import atlas.segmentation.nftables.Ruleset.Elements;
import atlas.segmentation.nftables.Ruleset.Field;
import atlas.segmentation.nftables.Ruleset.Statement;
import atlas.segmentation.nftables.Ruleset.Verdict;
import atlas.segmentation.target.AddressClasses;
import atlas.segmentation.target.Carried;
import atlas.segmentation.target.Difference;
import atlas.segmentation.target.NotUnderstoodException;
import atlas.segmentation.target.Proof;
import atlas.segmentation.target.Range;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds a ruleset against the graph: every class of source and destination addresses, both
 * families, all ports and protocols, at every hook and in every state a connection can be in.
 */
final class NftablesProof {
    private static final String ELSEWHERE = "elsewhere0";
    private static final long MANY = 50_000;

    private final AccessGraph graph;
    private final Family family;
    private final AddressClasses classes;
    private final Interpreter interpreter;
    private final Proof.Tally tally;
    private final List<String> names;
    private final Map<Long, Carried> expected = new HashMap<>();
    private final Set<String> anyInterface = new HashSet<>();
    private final Set<Long> special = new HashSet<>();
    private final List<List<Integer>> sources;
    private final List<List<Integer>> destinations;
    private final Optional<Map<Long, Map<Verdict, Carried>>> given;
    private final Map<Long, List<Special>> bySides = new HashMap<>();
    private final List<Verdict> verdicts = new ArrayList<>();

    /** A pair that the policy or a map knows, with what the map gives it. */
    private record Special(long pair, Carried wanted, List<Granted> granted) {}

    /** What gets the verdict of this number. */
    private record Granted(int verdict, Carried carried) {}

    private NftablesProof(Ruleset ruleset, AccessGraph graph, Family family, Proof.Tally tally)
            throws NotUnderstoodException {
        this.graph = graph;
        this.family = family;
        this.tally = tally;
        List<Range> ranges = ranges(ruleset);
        for (Segment segment : graph.segments().values()) {
            segment.blocks(family).forEach(block -> ranges.add(Range.of(block)));
            anyInterface.addAll(segment.interfaces());
        }
        classes = new AddressClasses(family, ranges);
        interpreter = new Interpreter(ruleset, family, classes);
        names = names();
        expect();
        special.addAll(interpreter.pairs());
        special.addAll(expected.keySet());
        sources = byLook(true);
        destinations = byLook(false);
        given = interpreter.given();
        sides();
    }

    static Proof of(Ruleset ruleset, AccessGraph graph) throws NotUnderstoodException {
        Proof.Tally tally = new Proof.Tally();
        for (Family family : Family.values()) {
            new NftablesProof(ruleset, graph, family, tally).everySituation();
        }
        return tally.proof();
    }

    private static List<Range> ranges(Ruleset ruleset) {
        List<Range> ranges = new ArrayList<>();
        for (Elements elements : ruleset.elements().values()) {
            for (Element element : elements.list()) {
                for (Field field : element.fields()) {
                    if (field instanceof Field.Addresses(var range)) {
                        ranges.add(range);
                    }
                }
            }
        }
        ruleset.chains().values().stream()
                .flatMap(chain -> chain.rules().stream())
                .flatMap(rule -> rule.statements().stream())
                .forEach(statement -> {
                    if (statement instanceof Statement.Address match) {
                        ranges.addAll(match.ranges());
                    }
                });
        return ranges;
    }

    /** The segment of each class. */
    private List<String> names() {
        String[] names = new String[classes.count()];
        for (Segment segment : graph.segments().values()) {
            for (Block block : segment.blocks(family)) {
                BitSet in = classes.in(Range.of(block));
                for (int c = in.nextSetBit(0); c >= 0; c = in.nextSetBit(c + 1)) {
                    names[c] = segment.name();
                }
            }
        }
        for (int c = 0; c < names.length; c++) {
            names[c] = names[c] == null ? Segment.EXTERNAL : names[c];
        }
        return List.of(names);
    }

    private void expect() {
        Map<String, List<Integer>> of = new HashMap<>();
        for (int c = 0; c < names.size(); c++) {
            of.computeIfAbsent(names.get(c), name -> new ArrayList<>()).add(c);
        }
        for (Flow flow : graph.flows()) {
            Carried carried = Carried.of(flow.transport(), flow.ports());
            for (int from : of.getOrDefault(flow.from().name(), List.of())) {
                for (int to : of.getOrDefault(flow.to().name(), List.of())) {
                    expected.merge(Interpreter.pair(from, to), carried, Carried::or);
                }
            }
        }
    }

    /** Special pairs by the looks of both their sides. */
    private void sides() {
        int[] from = new int[classes.count()];
        int[] to = new int[classes.count()];
        for (int s = 0; s < sources.size(); s++) {
            for (int c : sources.get(s)) {
                from[c] = s;
            }
        }
        for (int d = 0; d < destinations.size(); d++) {
            for (int c : destinations.get(d)) {
                to[c] = d;
            }
        }
        if (given.isEmpty()) {
            return;
        }
        for (long pair : special) {
            List<Granted> granted = new ArrayList<>(1);
            given.get()
                    .getOrDefault(pair, Map.of())
                    .forEach((verdict, carried) -> {
                        if (!verdicts.contains(verdict)) {
                            verdicts.add(verdict);
                        }
                        granted.add(new Granted(verdicts.indexOf(verdict), carried));
                    });
            long sides = Interpreter.pair(from[Interpreter.from(pair)], to[Interpreter.to(pair)]);
            bySides.computeIfAbsent(sides, key -> new ArrayList<>())
                    .add(new Special(pair, wanted(pair, Mode.POLICY), List.copyOf(granted)));
        }
    }

    private void everySituation() throws NotUnderstoodException {
        for (String hook : List.of("forward", "input", "output")) {
            List<String> hooks =
                    hook.equals("output") ? List.of(hook) : List.of("prerouting", hook);
            compare("a new connection, " + hook, hooks, "new", true, Mode.POLICY);
            compare("of an earlier policy, " + hook, hooks, "established", true, Mode.POLICY);
            compare("a reply of an earlier policy, " + hook, hooks, "established", false, Mode.NO);
            compare("related to none, " + hook, hooks, "related", true, Mode.POLICY);
            compare("a reply related to none, " + hook, hooks, "related", false, Mode.NO);
            compare("an invalid packet, " + hook, hooks, "invalid", true, Mode.NO);
            compare("an untracked packet, " + hook, hooks, "untracked", true, Mode.NO);
        }
        origins();
    }

    /** A source that is not where it says: nothing of it is let in, wherever it wants to go. */
    private void origins() throws NotUnderstoodException {
        List<String> places = new ArrayList<>(new TreeSet<>(anyInterface));
        places.add(ELSEWHERE);
        // Where there are very many, each source is tried at one other place, and nowhere else.
        boolean all = (long) places.size() * sources.size() <= MANY;
        for (List<Integer> alike : sources) {
            int from = alike.getFirst();
            String own = place(from);
            origin(from, own, false, "no way back to the source");
            for (String place : all ? places : List.of(ELSEWHERE, places.getFirst())) {
                if (!belongs(from, place)) {
                    origin(from, place, true, "from interface " + place);
                }
            }
        }
    }

    private void origin(int from, String place, boolean wayBack, String where)
            throws NotUnderstoodException {
        Situation situation =
                new Situation(
                        null, List.of("prerouting"), "new", false, true, wayBack, place, ELSEWHERE);
        Carried found =
                interpreter.accepted(from, from, situation).without(Carried.NEIGHBOUR_DISCOVERY);
        tally.compared();
        if (!found.isEmpty()) {
            tally.add(new Difference(true, called(from), "anywhere", found.toString(), where));
        }
    }

    private boolean belongs(int from, String place) {
        Segment segment = graph.segments().get(names.get(from));
        if (segment == null || segment.interfaces().isEmpty()) {
            return place.equals(ELSEWHERE);
        }
        return segment.interfaces().contains(place);
    }

    private enum Mode {
        POLICY,
        NO
    }

    private void compare(
            String where, List<String> hooks, String state, boolean original, Mode mode)
            throws NotUnderstoodException {
        if (given.isEmpty()) {
            for (long pair : special) {
                Carried found = found(pair, situation(pair, null, hooks, state, original));
                held(pair, found, wanted(pair, mode), where);
            }
        }
        for (int s = 0; s < sources.size(); s++) {
            for (int d = 0; d < destinations.size(); d++) {
                looks(s, d, where, hooks, state, original, mode);
            }
        }
    }

    /** All pairs of the same looks. */
    private void looks(
            int s,
            int d,
            String where,
            List<String> hooks,
            String state,
            boolean original,
            Mode mode)
            throws NotUnderstoodException {
        List<Integer> from = sources.get(s);
        List<Integer> to = destinations.get(d);
        long any = Interpreter.pair(from.getFirst(), to.getFirst());
        Given none = new Given(Optional.empty());
        Carried without = found(any, situation(any, none, hooks, state, original));
        // What no map knows together is to the rules what its looks are: one is enough.
        long ordinary = ordinary(from, to, special);
        if (ordinary >= 0) {
            held(ordinary, without, wanted(ordinary, mode), where);
        }
        Carried[] whole = new Carried[verdicts.size()];
        for (Special pair : bySides.getOrDefault(Interpreter.pair(s, d), List.of())) {
            Carried found = without;
            for (Granted granted : pair.granted()) {
                if (whole[granted.verdict()] == null) {
                    Given verdict = new Given(Optional.of(verdicts.get(granted.verdict())));
                    whole[granted.verdict()] =
                            found(any, situation(any, verdict, hooks, state, original));
                }
                found =
                        found.without(granted.carried())
                                .or(whole[granted.verdict()].and(granted.carried()));
            }
            Carried wanted = mode == Mode.POLICY ? pair.wanted() : Carried.NOTHING;
            held(pair.pair(), found, wanted, where);
        }
    }

    private Carried wanted(long pair, Mode mode) {
        return mode == Mode.POLICY ? expected.getOrDefault(pair, Carried.NOTHING) : Carried.NOTHING;
    }

    private Situation situation(
            long pair, @Nullable Given of, List<String> hooks, String state, boolean original) {
        String in = place(Interpreter.from(pair));
        return new Situation(
                of, hooks, state, false, original, true, in, place(Interpreter.to(pair)));
    }

    /** What gets through, but for what finds neighbours on hosts. */
    private Carried found(long pair, Situation situation) throws NotUnderstoodException {
        Carried found =
                interpreter.accepted(Interpreter.from(pair), Interpreter.to(pair), situation);
        return situation.hooks().contains("forward")
                ? found
                : found.without(Carried.NEIGHBOUR_DISCOVERY);
    }

    private List<List<Integer>> byLook(boolean source) {
        List<Integer> looks = interpreter.looks(source);
        Map<String, Integer> places = new HashMap<>();
        Map<Long, List<Integer>> by = new HashMap<>();
        for (int c = 0; c < looks.size(); c++) {
            String place = place(c);
            int known = places.computeIfAbsent(place, key -> places.size());
            by.computeIfAbsent(Interpreter.pair(looks.get(c), known), key -> new ArrayList<>())
                    .add(c);
        }
        return List.copyOf(by.values());
    }

    /** A pair that is not special; -1 when there is none. */
    private static long ordinary(
            List<Integer> sources, List<Integer> destinations, Set<Long> special) {
        for (int from : sources) {
            for (int to : destinations) {
                long pair = Interpreter.pair(from, to);
                if (!special.contains(pair)) {
                    return pair;
                }
            }
        }
        return -1;
    }

    private void held(long pair, Carried found, Carried wanted, String where) {
        tally.compared();
        if (found.equals(wanted)) {
            return;
        }
        Carried open = found.without(wanted);
        Carried closed = wanted.without(found);
        if (!open.isEmpty()) {
            tally.add(
                    new Difference(
                            true,
                            called(Interpreter.from(pair)),
                            called(Interpreter.to(pair)),
                            open.toString(),
                            where));
        }
        if (!closed.isEmpty()) {
            tally.add(
                    new Difference(
                            false,
                            called(Interpreter.from(pair)),
                            called(Interpreter.to(pair)),
                            closed.toString(),
                            where));
        }
    }

    private String called(int of) {
        return names.get(of) + " (" + classes.example(of) + ")";
    }

    /** The interface behind which a class of addresses is. */
    private String place(int of) {
        Segment segment = graph.segments().get(names.get(of));
        return segment != null && !segment.interfaces().isEmpty()
                ? segment.interfaces().getFirst()
                : ELSEWHERE;
    }
}
