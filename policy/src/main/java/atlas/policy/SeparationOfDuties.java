package atlas.policy;

import atlas.core.Glob;
import atlas.core.Role;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which duties may not be in one hand. Of the built-in roles only a consumer and an operator may be
 * the same principal; every other pair would let one person check their own work. A custom role has
 * the duties of the actions a policy file may permit to it.
 */
public final class SeparationOfDuties {
    private static final Map<Role, Duty> BUILT_IN =
            Map.of(
                    Role.CONSUMER, Duty.CONSUME,
                    Role.OPERATOR, Duty.OPERATE,
                    Role.MODEL_ADMIN, Duty.PUBLISH,
                    Role.SECURITY_ADMIN, Duty.SECURE,
                    Role.AUDITOR, Duty.AUDIT);

    private SeparationOfDuties() {}

    /** Why one principal may not hold both roles; empty when it may. */
    public static Optional<String> conflict(Role one, Role other) {
        return conflict(one, other, Map.of());
    }

    /** The same, where custom roles may at most do what the map says. */
    static Optional<String> conflict(Role one, Role other, Map<Role, Set<Action>> custom) {
        if (one.equals(other)) {
            return Optional.empty();
        }
        for (Duty mine : duties(one, custom)) {
            for (Duty theirs : duties(other, custom)) {
                Optional<String> reason = mine.conflict(theirs);
                if (reason.isPresent()) {
                    return reason;
                }
            }
        }
        return Optional.empty();
    }

    /** Why one role may not do all of this; empty when it may. */
    public static Optional<String> conflictWithin(Collection<Action> actions) {
        List<Duty> duties = List.copyOf(duties(actions));
        for (Duty one : duties) {
            for (Duty other : duties) {
                Optional<String> reason = one.conflict(other);
                if (reason.isPresent()) {
                    return reason;
                }
            }
        }
        return Optional.empty();
    }

    /** The first conflict among the roles, as a sentence part naming both; empty when none. */
    public static Optional<String> conflict(Collection<Role> roles) {
        return conflict(roles, Map.of());
    }

    /** The same, where custom roles may at most do what the map says. */
    static Optional<String> conflict(Collection<Role> roles, Map<Role, Set<Action>> custom) {
        List<Role> list = new ArrayList<>(roles);
        list.sort(null);
        for (int i = 0; i < list.size(); i++) {
            for (int j = i + 1; j < list.size(); j++) {
                Optional<String> reason = conflict(list.get(i), list.get(j), custom);
                if (reason.isPresent()) {
                    return Optional.of(
                            list.get(i).wireName()
                                    + " and "
                                    + list.get(j).wireName()
                                    + ": "
                                    + reason.get());
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Checks a grant against those already stored; every store calls it before it writes.
     *
     * @throws GrantRefusedException when some principal would hold duties that check each other
     */
    public static void check(Grant added, Collection<Grant> stored) {
        check(added, stored, Map.of());
    }

    /**
     * The same, where custom roles may at most do what the map says; asked before a grant is given,
     * because stores do not know the policy file.
     *
     * @throws GrantRefusedException when some principal would hold duties that check each other
     */
    public static void check(Grant added, Collection<Grant> stored, Map<Role, Set<Action>> custom) {
        for (Grant held : stored) {
            Optional<String> reason = conflict(held.role(), added.role(), custom);
            if (reason.isPresent() && mayMeet(held, added)) {
                throw new GrantRefusedException(
                        "`%s` may not be granted %s: `%s` holds %s, and %s; revoke one of them"
                                .formatted(
                                        added.principal(),
                                        added.role().wireName(),
                                        held.principal(),
                                        held.role().wireName(),
                                        reason.get()));
            }
        }
    }

    // Two patterns may meet in a principal neither names; that is caught when it decides.
    private static boolean mayMeet(Grant a, Grant b) {
        if (!a.tenant().equals(b.tenant())) {
            return false;
        }
        return a.principal().equals(b.principal())
                || (a.isPattern() && new Glob(a.principal()).matches(b.principal()))
                || (b.isPattern() && new Glob(b.principal()).matches(a.principal()));
    }

    private static Set<Duty> duties(Role role, Map<Role, Set<Action>> custom) {
        Duty own = BUILT_IN.get(role);
        return own == null ? duties(custom.getOrDefault(role, Set.of())) : EnumSet.of(own);
    }

    private static Set<Duty> duties(Collection<Action> actions) {
        Set<Duty> duties = EnumSet.noneOf(Duty.class);
        actions.forEach(action -> Duty.of(action).ifPresent(duties::add));
        return duties;
    }
}
