package atlas.control.posture;

import atlas.core.Role;
import atlas.policy.Action;
import atlas.posture.Control;
import atlas.posture.Measurement;
import atlas.posture.Measurement.Observation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Asks every route of the control plane as each built-in role, and looks at who was let through.
 * What must hold is said here once more, in other words than the policy's: duties that check each
 * other are never one role's.
 */
final class RolesCheck implements Check {
    // Looked at only after policy has said yes: such a question changes nothing.
    private static final String ODD = "?no-such-parameter=1";

    /** No role has actions of two of these. */
    private static final List<Set<Action>> APART =
            List.of(
                    Set.of(Action.MODEL_PUSH, Action.MODEL_APPROVE, Action.MODEL_RETIRE),
                    Set.of(Action.MODEL_DEPLOY, Action.MODEL_ROLLBACK),
                    Set.of(Action.KEY_ISSUE, Action.ROLE_GRANT, Action.POLICY_WRITE),
                    Set.of(Action.JOURNAL_READ, Action.JOURNAL_VERIFY));

    private final Facing facing;

    RolesCheck(Facing facing) {
        this.facing = facing;
    }

    @Override
    public Control control() {
        return Control.ROLES;
    }

    @Override
    public Measurement measure(Drill drill) throws IOException, InterruptedException {
        Map<Action, Set<Role>> allowed = new EnumMap<>(Action.class);
        int asked = 0;
        for (Facing.ActRoute route : facing.acts()) {
            for (Role role : Role.builtIn()) {
                String path = StrangersCheck.path(route.pattern()) + ODD;
                int status = drill.ask(facing.control(), route.method(), path, role).status();
                asked++;
                if (status == 401) {
                    return Measurement.unknown(
                            control(), "the credential of a drill was refused as no credential");
                }
                // A path that is not there says nothing about who may.
                if (status != 403 && status != 404) {
                    allowed.computeIfAbsent(route.action(), _ -> new TreeSet<>()).add(role);
                }
            }
        }
        return Measurement.of(
                control(),
                "%d requests, every route of the control plane as each of %d roles"
                        .formatted(asked, Role.builtIn().size()),
                judged(allowed));
    }

    static List<Observation> judged(Map<Action, Set<Role>> allowed) {
        List<Observation> seen = new ArrayList<>();
        for (int i = 0; i < APART.size(); i++) {
            for (int j = i + 1; j < APART.size(); j++) {
                Set<Role> both = roles(allowed, APART.get(i));
                both.retainAll(roles(allowed, APART.get(j)));
                seen.add(
                        Observation.of(
                                both.isEmpty(),
                                "%s | %s: %s"
                                        .formatted(
                                                names(APART.get(i)),
                                                names(APART.get(j)),
                                                both.isEmpty()
                                                        ? "no role has both"
                                                        : both + " has both")));
            }
        }
        seen.add(changes(allowed, Role.CONSUMER));
        seen.add(changes(allowed, Role.AUDITOR));
        return seen;
    }

    private static Observation changes(Map<Action, Set<Role>> allowed, Role role) {
        List<Action> may =
                allowed.entrySet().stream()
                        .filter(e -> e.getValue().contains(role) && e.getKey().changes())
                        .map(Map.Entry::getKey)
                        .toList();
        return Observation.of(
                may.isEmpty(),
                role.wireName()
                        + (may.isEmpty() ? " changes nothing" : " may " + names(Set.copyOf(may))));
    }

    private static Set<Role> roles(Map<Action, Set<Role>> allowed, Set<Action> actions) {
        return actions.stream()
                .flatMap(action -> allowed.getOrDefault(action, Set.of()).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String names(Set<Action> actions) {
        return actions.stream().map(Action::wireName).sorted().collect(Collectors.joining(", "));
    }
}
