package atlas.policy.cedar;

import atlas.core.Role;
import atlas.policy.Action;
import atlas.policy.Question;
import atlas.policy.Resource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the policies whose head fits a question without looking at the others. A permit counts only
 * where the grant of its role reaches the resource. Thread-safe; keeps what it found, within
 * bounds.
 */
final class Slicer {
    private static final int MOST_SLICES = 1_024;
    private static final int MOST_QUESTIONS = 65_536;

    private final List<Rule> rules;
    private final Map<Place, BitSet> index = new HashMap<>();
    private final Set<String> principals = new HashSet<>();
    private final Set<String> resources = new HashSet<>();
    private final Map<BitSet, Slice> slices = new ConcurrentHashMap<>();
    private final Map<Asked, Slice> found = new ConcurrentHashMap<>();

    Slicer(List<Rule> rules) {
        this.rules = List.copyOf(rules);
        for (int i = 0; i < this.rules.size(); i++) {
            Head head = this.rules.get(i).head();
            principals.add(head.principal());
            resources.add(head.resource());
            for (Action action : head.actions()) {
                index.computeIfAbsent(
                                new Place(head.principal(), action, head.resource()),
                                _ -> new BitSet())
                        .set(i);
            }
        }
    }

    private record Place(String principal, Action action, String resource) {}

    /** A question reduced to what heads name: others make no difference to the slice. */
    private record Asked(
            String principal,
            Set<String> memberships,
            Set<Role> reaching,
            Action action,
            String kind,
            String resource) {}

    /** The slice for a question. */
    Slice slice(Question question) {
        Asked asked = asked(question);
        Slice known = found.get(asked);
        if (known != null) {
            return known;
        }
        if (slices.size() >= MOST_SLICES || found.size() >= MOST_QUESTIONS) {
            found.clear();
            slices.clear();
        }
        Slice slice = slices.computeIfAbsent(fitting(asked), this::made);
        found.put(asked, slice);
        return slice;
    }

    /** The policies themselves, in the order of the file. */
    List<Rule> rules(Question question) {
        return rules(fitting(asked(question)));
    }

    private Asked asked(Question question) {
        String principal = Head.principal(question.principal().id());
        Resource on = question.resource();
        String resource = Head.resource(PolicySchema.type(on.kind()), on.name());
        return new Asked(
                principals.contains(principal) ? principal : "",
                memberships(question),
                question.reaching(),
                question.action(),
                on.kind(),
                resources.contains(resource) ? resource : "");
    }

    private Set<String> memberships(Question question) {
        Set<String> named = Set.of();
        for (Role role : question.roles()) {
            named = with(named, Head.role(role.wireName()));
        }
        for (String group : question.principal().claims().groups()) {
            named = with(named, Head.group(group));
        }
        return named;
    }

    private Set<String> with(Set<String> named, String key) {
        if (!principals.contains(key)) {
            return named;
        }
        Set<String> more = named.isEmpty() ? new HashSet<>() : named;
        more.add(key);
        return more;
    }

    private BitSet fitting(Asked asked) {
        List<String> who = new ArrayList<>(asked.memberships);
        who.add(Head.ANY);
        if (!asked.principal.isEmpty()) {
            who.add(asked.principal);
        }
        List<String> what = new ArrayList<>();
        what.add(Head.ANY);
        what.add(Head.resources(PolicySchema.type(asked.kind)));
        if (!asked.resource.isEmpty()) {
            what.add(asked.resource);
        }
        BitSet fitting = new BitSet();
        for (String principal : who) {
            for (String resource : what) {
                BitSet here = index.get(new Place(principal, asked.action, resource));
                if (here != null) {
                    fitting.or(here);
                }
            }
        }
        for (int i = fitting.nextSetBit(0); i >= 0; i = fitting.nextSetBit(i + 1)) {
            if (!counts(rules.get(i), asked.reaching)) {
                fitting.clear(i);
            }
        }
        return fitting;
    }

    /** Whether a policy counts: a permit does where its role's grant reaches the resource. */
    static boolean counts(Rule rule, Set<Role> reaching) {
        return rule.forbids() || rule.head().role().filter(reaching::contains).isPresent();
    }

    private Slice made(BitSet fitting) {
        return new Slice(rules(fitting));
    }

    private List<Rule> rules(BitSet fitting) {
        return fitting.stream().mapToObj(rules::get).toList();
    }
}
