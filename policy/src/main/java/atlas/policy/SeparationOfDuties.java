package atlas.policy;

import atlas.core.Glob;
import atlas.core.Role;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which duties may not be in one hand. Only a consumer and an operator may be the same principal;
 * every other pair would let one person check their own work.
 */
public final class SeparationOfDuties {
    private static final Map<Role, Map<Role, String>> REASONS = reasons();

    private SeparationOfDuties() {}

    /** Why one principal may not hold both roles; empty when it may. */
    public static Optional<String> conflict(Role one, Role other) {
        return Optional.ofNullable(REASONS.get(one)).map(m -> m.get(other));
    }

    /** The first conflict among the roles, as a sentence part naming both; empty when none. */
    public static Optional<String> conflict(Collection<Role> roles) {
        List<Role> list = new ArrayList<>(roles);
        list.sort(null);
        for (int i = 0; i < list.size(); i++) {
            for (int j = i + 1; j < list.size(); j++) {
                Optional<String> reason = conflict(list.get(i), list.get(j));
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
        for (Grant held : stored) {
            Optional<String> reason = conflict(held.role(), added.role());
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

    private static Map<Role, Map<Role, String>> reasons() {
        Map<Role, Map<Role, String>> table = new HashMap<>();
        put(table, Role.MODEL_ADMIN, Role.OPERATOR, "who approves a model does not deploy it");
        put(table, Role.MODEL_ADMIN, Role.CONSUMER, "who publishes models does not use them");
        put(table, Role.SECURITY_ADMIN, Role.CONSUMER, "who grants access does not use it");
        put(table, Role.SECURITY_ADMIN, Role.OPERATOR, "who grants access does not deploy");
        put(table, Role.SECURITY_ADMIN, Role.MODEL_ADMIN, "who grants access does not publish");
        for (Role role : Role.builtIn()) {
            if (!role.equals(Role.AUDITOR)) {
                put(table, Role.AUDITOR, role, "who audits changes nothing");
            }
        }
        return table;
    }

    private static void put(Map<Role, Map<Role, String>> table, Role a, Role b, String reason) {
        table.computeIfAbsent(a, _ -> new HashMap<>()).put(b, reason);
        table.computeIfAbsent(b, _ -> new HashMap<>()).put(a, reason);
    }
}
