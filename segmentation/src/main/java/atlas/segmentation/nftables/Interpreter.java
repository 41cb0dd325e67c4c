package atlas.segmentation.nftables;

import atlas.segmentation.graph.Family;
import atlas.segmentation.nftables.Ruleset.Chain;
import atlas.segmentation.nftables.Ruleset.Element;
import atlas.segmentation.nftables.Ruleset.Elements;
import atlas.segmentation.nftables.Ruleset.Field;
import atlas.segmentation.nftables.Ruleset.Key;
import atlas.segmentation.nftables.Ruleset.Rule;
import atlas.segmentation.nftables.Ruleset.Statement;
import atlas.segmentation.nftables.Ruleset.Verdict;
import atlas.segmentation.target.AddressClasses;
import atlas.segmentation.target.Carried;
import atlas.segmentation.target.NotUnderstoodException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs a ruleset on all packets from one class of addresses to another at once: what is carried is
 * a set that statements narrow. What matches only perhaps counts where it accepts, never where it
 * drops.
 */
final class Interpreter {
    private static final int DEPTH = 16;

    private final Ruleset ruleset;
    private final Family family;
    private final AddressClasses classes;
    private final Map<Statement.Lookup, Map<Long, List<Hit>>> tables = new IdentityHashMap<>();
    private final Map<Statement.Address, BitSet> matching = new IdentityHashMap<>();
    private final Set<Long> pairs = new HashSet<>();
    private final BitSet sources = new BitSet();
    private final BitSet destinations = new BitSet();

    private record Hit(Carried carried, Verdict verdict) {}

    // Looked up by source and destination together; all else depends on the looks of each alone.
    private final List<Statement.Lookup> byPair = new ArrayList<>();

    /**
     * The packets in question, but for their addresses and ports.
     *
     * @param given what maps of pairs give, for everything, instead of what they hold; null: that
     */
    record Situation(
            @Nullable Given given,
            List<String> hooks,
            String state,
            boolean marked,
            boolean original,
            boolean wayBack,
            String in,
            String out) {}

    /** A verdict, or none. */
    record Given(Optional<Verdict> verdict) {}

    Interpreter(Ruleset ruleset, Family family, AddressClasses classes)
            throws NotUnderstoodException {
        this.ruleset = ruleset;
        this.family = family;
        this.classes = classes;
        for (Chain chain : ruleset.chains().values()) {
            for (Rule rule : chain.rules()) {
                for (Statement statement : rule.statements()) {
                    prepare(statement, rule.line());
                }
            }
        }
    }

    private void prepare(Statement statement, int line) throws NotUnderstoodException {
        if (statement instanceof Statement.Address match && match.family() == family) {
            matching.put(match, addresses(match, line));
        } else if (statement instanceof Statement.Lookup lookup && lookup.family() == family) {
            tables.put(lookup, table(lookup, line));
            if (lookup.keys().containsAll(List.of(Key.SOURCE, Key.DESTINATION))) {
                byPair.add(lookup);
            }
        } else if (statement instanceof Statement.Decides(Verdict verdict)) {
            known(verdict, line);
        }
    }

    private void known(Verdict verdict, int line) throws NotUnderstoodException {
        if (!verdict.chain().isEmpty() && !ruleset.chains().containsKey(verdict.chain())) {
            throw new NotUnderstoodException(line, "there is no chain `" + verdict.chain() + "`");
        }
    }

    private BitSet addresses(Statement.Address match, int line) throws NotUnderstoodException {
        BitSet in = new BitSet();
        match.ranges().forEach(range -> in.or(classes.in(range)));
        if (!match.set().isEmpty()) {
            Elements set = ruleset.elements().get(match.set());
            if (set == null || set.map()) {
                throw new NotUnderstoodException(line, "there is no set `" + match.set() + "`");
            }
            for (Element element : set.list()) {
                if (element.fields().size() != 1
                        || !(element.fields().getFirst() instanceof Field.Addresses(var range))) {
                    throw new NotUnderstoodException(
                            line, "`" + match.set() + "` is not a set of addresses");
                }
                in.or(classes.in(range));
            }
        }
        if (match.negated()) {
            in.flip(0, classes.count());
        }
        return in;
    }

    private Map<Long, List<Hit>> table(Statement.Lookup lookup, int line)
            throws NotUnderstoodException {
        Elements map = ruleset.elements().get(lookup.map());
        if (map == null || !map.map()) {
            throw new NotUnderstoodException(line, "there is no map `" + lookup.map() + "`");
        }
        Map<Long, List<Hit>> table = new HashMap<>();
        for (Element element : map.list()) {
            if (element.fields().size() != lookup.keys().size()) {
                throw new NotUnderstoodException(
                        line, "`" + lookup.map() + "` has elements of another kind");
            }
            known(element.verdict().orElseThrow(), line);
            enter(table, lookup, element, line);
        }
        return table;
    }

    private void enter(
            Map<Long, List<Hit>> table, Statement.Lookup lookup, Element element, int line)
            throws NotUnderstoodException {
        BitSet from = null;
        BitSet to = null;
        Carried carried = Carried.EVERYTHING;
        for (int i = 0; i < lookup.keys().size(); i++) {
            Key key = lookup.keys().get(i);
            Field field = element.fields().get(i);
            boolean address = key == Key.SOURCE || key == Key.DESTINATION;
            if (address && field instanceof Field.Addresses(var range)) {
                BitSet in = classes.in(range);
                from = key == Key.SOURCE ? in : from;
                to = key == Key.DESTINATION ? in : to;
            } else if (!address && field instanceof Field.Numbers(var numbers)) {
                carried = carried.and(numbers);
            } else {
                throw new NotUnderstoodException(
                        line, "`" + lookup.map() + "` has elements of another kind");
            }
        }
        Hit hit = new Hit(carried, element.verdict().orElseThrow());
        for (int s = first(from); s >= 0; s = next(from, s)) {
            for (int d = first(to); d >= 0; d = next(to, d)) {
                long pair = pair(from == null ? -1 : s, to == null ? -1 : d);
                table.computeIfAbsent(pair, key -> new ArrayList<>(1)).add(hit);
                if (from != null && to != null) {
                    pairs.add(pair);
                }
            }
        }
        if (from == null && to != null) {
            destinations.or(to);
        } else if (to == null && from != null) {
            sources.or(from);
        }
    }

    private static int first(@Nullable BitSet set) {
        return set == null ? 0 : set.nextSetBit(0);
    }

    private static int next(@Nullable BitSet set, int after) {
        return set == null ? -1 : set.nextSetBit(after + 1);
    }

    /** Two classes, or sides, in one number that spreads well; -1 for neither. */
    static long pair(int from, int to) {
        return (long) (from + 1) << 24 | (to + 1);
    }

    static int from(long pair) {
        return (int) (pair >> 24) - 1;
    }

    static int to(long pair) {
        return (int) (pair & 0xffffff) - 1;
    }

    /** The pairs of classes that some map knows together. */
    Set<Long> pairs() {
        return pairs;
    }

    /** Classes of one look are the same to every rule as a source, but for maps of pairs. */
    List<Integer> looks(boolean source) {
        Map<BitSet, Integer> known = new HashMap<>();
        List<Integer> looks = new ArrayList<>();
        List<Statement.Address> matches =
                matching.keySet().stream().filter(match -> match.source() == source).toList();
        BitSet alone = source ? sources : destinations;
        for (int c = 0; c < classes.count(); c++) {
            BitSet look = new BitSet();
            for (int i = 0; i < matches.size(); i++) {
                look.set(i, matching.getOrDefault(matches.get(i), new BitSet()).get(c));
            }
            if (alone.get(c)) {
                // What a map knows by this address alone is of a look of its own.
                look.set(matches.size() + c);
            }
            looks.add(known.computeIfAbsent(look, key -> known.size()));
        }
        return looks;
    }

    /** What passes every hook. */
    Carried accepted(int from, int to, Situation situation) throws NotUnderstoodException {
        Carried live = Carried.EVERYTHING;
        for (String hook : situation.hooks()) {
            for (Chain chain : ruleset.chains().values()) {
                if (chain.hook().isPresent() && chain.hook().get().hook().equals(hook)) {
                    Outcome outcome = run(chain, live, from, to, situation, 0);
                    live =
                            chain.hook().get().accepts()
                                    ? outcome.accepted().or(outcome.rest())
                                    : outcome.accepted();
                }
            }
        }
        return live;
    }

    /** What a chain accepted, and what it had nothing to say about. */
    private record Outcome(Carried accepted, Carried rest) {}

    private Outcome run(Chain chain, Carried all, int from, int to, Situation situation, int depth)
            throws NotUnderstoodException {
        if (depth > DEPTH) {
            throw new NotUnderstoodException(0, "chains jump in circles, or too deep");
        }
        Carried live = all;
        Carried accepted = Carried.NOTHING;
        Carried returned = Carried.NOTHING;
        for (Rule rule : chain.rules()) {
            Carried matched = live;
            boolean perhaps = false;
            for (Statement statement : rule.statements()) {
                if (matched.isEmpty()) {
                    break;
                }
                if (statement instanceof Statement.Perhaps) {
                    perhaps = true;
                    continue;
                }
                for (Hit hit : decided(statement, from, to, situation.given())) {
                    Carried taken = matched.and(hit.carried());
                    if (taken.isEmpty()) {
                        continue;
                    }
                    Outcome outcome = apply(hit.verdict(), taken, from, to, situation, depth);
                    accepted = accepted.or(outcome.accepted());
                    // A jump that comes back goes on; a goto goes back where this chain does.
                    Carried back =
                            hit.verdict().kind() == Verdict.Kind.JUMP
                                    ? outcome.rest()
                                    : Carried.NOTHING;
                    if (hit.verdict().kind() != Verdict.Kind.JUMP) {
                        returned = returned.or(outcome.rest());
                    }
                    if (!perhaps) {
                        live = live.without(taken.without(back));
                    }
                    matched = matched.without(taken.without(back));
                }
                matched = narrow(statement, matched, from, to, situation);
            }
            if (live.isEmpty()) {
                break;
            }
        }
        return new Outcome(accepted, live.or(returned));
    }

    private List<Hit> decided(Statement statement, int from, int to, @Nullable Given given) {
        if (statement instanceof Statement.Decides(Verdict verdict)) {
            return List.of(new Hit(Carried.EVERYTHING, verdict));
        }
        if (!(statement instanceof Statement.Lookup lookup) || lookup.family() != family) {
            return List.of();
        }
        boolean source = lookup.keys().contains(Key.SOURCE);
        boolean destination = lookup.keys().contains(Key.DESTINATION);
        if (given != null && source && destination) {
            return given.verdict()
                    .map(v -> List.of(new Hit(Carried.EVERYTHING, v)))
                    .orElse(List.of());
        }
        return tables.getOrDefault(lookup, Map.of())
                .getOrDefault(pair(source ? from : -1, destination ? to : -1), List.of());
    }

    /**
     * What the map of pairs gives each pair, by verdict; empty when there is more than one such
     * map. What happens to one port does not depend on any other, so a map's part in the fate of a
     * pair is known from what each verdict would do to everything.
     */
    Optional<Map<Long, Map<Verdict, Carried>>> given() {
        if (byPair.size() > 1) {
            return Optional.empty();
        }
        Map<Long, Map<Verdict, Carried>> given = new HashMap<>();
        for (Statement.Lookup lookup : byPair) {
            tables.getOrDefault(lookup, Map.of())
                    .forEach((pair, hits) -> {
                        Carried left = Carried.EVERYTHING;
                        Map<Verdict, Carried> of = new HashMap<>();
                        for (Hit hit : hits) {
                            // The first that fits is the one.
                            of.merge(hit.verdict(), left.and(hit.carried()), Carried::or);
                            left = left.without(hit.carried());
                        }
                        given.put(pair, of);
                    });
        }
        return Optional.of(given);
    }

    private Outcome apply(
            Verdict verdict, Carried taken, int from, int to, Situation situation, int depth)
            throws NotUnderstoodException {
        return switch (verdict.kind()) {
            case ACCEPT -> new Outcome(taken, Carried.NOTHING);
            case DROP -> new Outcome(Carried.NOTHING, Carried.NOTHING);
            case RETURN -> new Outcome(Carried.NOTHING, taken);
            case JUMP, GOTO -> {
                Chain chain = ruleset.chains().get(verdict.chain());
                if (chain == null) {
                    throw new NotUnderstoodException(0, "no chain `" + verdict.chain() + "`");
                }
                yield run(chain, taken, from, to, situation, depth + 1);
            }
        };
    }

    private Carried narrow(
            Statement statement, Carried live, int from, int to, Situation situation) {
        return switch (statement) {
            case Statement.Address match ->
                    match.family() == family
                                    && matching.getOrDefault(match, new BitSet())
                                            .get(match.source() ? from : to)
                            ? live
                            : Carried.NOTHING;
            case Statement.Carries(var carried) -> live.and(carried);
            case Statement.OfFamily(var of) -> of == family ? live : Carried.NOTHING;
            case Statement.Interface(var incoming, var negated, var names) ->
                    names.contains(incoming ? situation.in() : situation.out()) != negated
                            ? live
                            : Carried.NOTHING;
            case Statement.ConnectionState(var states) ->
                    states.contains(situation.state()) ? live : Carried.NOTHING;
            case Statement.ConnectionMark(var mark) -> situation.marked() ? live : Carried.NOTHING;
            case Statement.Direction(var original) ->
                    original == situation.original() && !situation.state().equals("untracked")
                            ? live
                            : Carried.NOTHING;
            case Statement.NoWayBack none -> situation.wayBack() ? Carried.NOTHING : live;
            case Statement.Lookup lookup -> lookup.family() == family ? live : Carried.NOTHING;
            case Statement.Perhaps perhaps -> live;
            case Statement.SetMark sets -> live;
            case Statement.Notes notes -> live;
            case Statement.Decides decides -> live;
        };
    }
}
