package atlas.policy.cedar;

import atlas.core.Role;
import atlas.policy.Action;
import atlas.policy.InferenceFacts;
import atlas.policy.Question;
import atlas.policy.Resource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
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
    private final Named named;
    private final Map<BitSet, Slice> slices = new ConcurrentHashMap<>();
    private final Map<Asked, Slice> found = new ConcurrentHashMap<>();

    Slicer(List<Rule> rules) {
        this.rules = List.copyOf(rules);
        this.named = Named.by(this.rules);
        for (int i = 0; i < this.rules.size(); i++) {
            Head head = this.rules.get(i).head();
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
            Set<Role> roles,
            Set<String> groups,
            Set<Role> reaching,
            Action action,
            String kind,
            String resource,
            boolean anyRequest) {}

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

    static boolean anyRequest(Question question) {
        return question.circumstances().request().filter(InferenceFacts.ANY::equals).isPresent();
    }

    /** Permits that would apply to some request: left out of the slice for no one in particular. */
    List<String> dependingPermits(Question question) {
        Asked asked = asked(question);
        Asked particular =
                new Asked(
                        asked.principal,
                        asked.roles,
                        asked.groups,
                        asked.reaching,
                        asked.action,
                        asked.kind,
                        asked.resource,
                        false);
        return rules(fitting(particular)).stream()
                .filter(rule -> !rule.forbids() && rule.readsRequest())
                .map(Rule::id)
                .toList();
    }

    private Asked asked(Question question) {
        String id = question.principal().id();
        Resource on = question.resource();
        return new Asked(
                named.principals().contains(id) ? id : "",
                Named.among(question.roles(), named.roles()),
                Named.among(question.principal().claims().groups(), named.groups()),
                question.reaching(),
                question.action(),
                on.kind(),
                named.resources().contains(on.name()) ? on.name() : "",
                anyRequest(question));
    }

    private BitSet fitting(Asked asked) {
        List<String> who = new ArrayList<>();
        who.add(Head.ANY);
        asked.roles.forEach(role -> who.add(Head.role(role.wireName())));
        asked.groups.forEach(group -> who.add(Head.group(group)));
        if (!asked.principal.isEmpty()) {
            who.add(Head.principal(asked.principal));
        }
        List<String> what = new ArrayList<>();
        what.add(Head.ANY);
        what.add(Head.resources(PolicySchema.type(asked.kind)));
        if (!asked.resource.isEmpty()) {
            what.add(Head.resource(PolicySchema.type(asked.kind), asked.resource));
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
            Rule rule = rules.get(i);
            if (!counts(rule, asked.reaching) || (asked.anyRequest && rule.readsRequest())) {
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
