package atlas.policy;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.policy.Decision.Deny;
import atlas.policy.Decision.Permit;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The built-in policy. A caller may do something when one role
 *
 * <ol>
 *   <li>is carried by the credential presented,
 *   <li>is granted to the principal in the resource's tenant, and the grant has not expired,
 *   <li>lists the action, and
 *   <li>reaches the model, where the resource is one: for a consumer by the credential's patterns
 *       and the grant's, for others by the grant's, if it has any.
 * </ol>
 *
 * <p>Everything else is denied, and so is everything for a principal that was granted duties which
 * check each other. Thread-safe and without I/O when the store has a version.
 */
public final class RolePolicy implements PolicyDecisionPoint {
    private static final String POLICY = "builtin-roles/1";
    private static final String DEFAULT_DENY = POLICY + "#default-deny";
    private static final String DUTIES = POLICY + "#separation-of-duties";
    private static final Map<Action, List<Rule>> RULES = rules();
    private static final int MEMORY = 10_000;

    static final Deny FOREIGN = new Deny("the resource belongs to another tenant", DEFAULT_DENY);
    static final Deny NO_ROLE = new Deny("no role allows this", DEFAULT_DENY);

    private final GrantStore grants;
    private final Clock clock;
    private volatile @Nullable Snapshot snapshot;

    public RolePolicy(GrantStore grants) {
        this(grants, Clock.systemUTC());
    }

    /** Decides by this clock whether a grant has expired. */
    public RolePolicy(GrantStore grants, Clock clock) {
        this.grants = grants;
        this.clock = clock;
    }

    /** What one principal was granted, worked out once per version of the store. */
    record Held(List<Grant> grants, Set<Role> roles, boolean custom, Optional<String> conflict) {
        /** Whether the roles are all in this tenant and do not end by themselves. */
        boolean steady(String tenant) {
            for (Grant grant : grants) {
                if (grant.expires().isPresent() || !grant.tenant().equals(tenant)) {
                    return false;
                }
            }
            return true;
        }

        static Held of(List<Grant> grants) {
            Set<Role> roles = new HashSet<>();
            grants.forEach(g -> roles.add(g.role()));
            boolean custom = !roles.stream().allMatch(Role::isBuiltIn);
            return new Held(grants, Set.copyOf(roles), custom, SeparationOfDuties.conflict(roles));
        }
    }

    /** A role that lists an action, and what that rule is called. */
    private record Rule(Role role, Optional<String> id) {}

    private record Snapshot(long version, ConcurrentHashMap<String, Held> held) {}

    @Override
    public Decision decide(
            Principal principal, Action action, Resource resource, Circumstances circumstances) {
        if (!resource.tenant().equals(principal.tenant())) {
            return FOREIGN;
        }
        Held held = held(principal.id());
        if (held.conflict.isPresent()) {
            return conflicting(held.conflict.get());
        }
        return rule(held, principal, action, resource, clock.instant())
                .<Decision>map(rule -> new Permit(principal, action, resource, rule))
                .orElse(NO_ROLE);
    }

    /** The first rule that allows it, in the order of the roles. */
    Optional<String> rule(
            Held held, Principal principal, Action action, Resource resource, Instant now) {
        for (Rule rule : rules(action)) {
            if (principal.has(rule.role)) {
                for (Grant grant : held.grants) {
                    if (grant.role().equals(rule.role)
                            && grant.tenant().equals(resource.tenant())
                            && grant.liveAt(now)
                            && reaches(principal, grant, action, resource)) {
                        return rule.id;
                    }
                }
            }
        }
        return Optional.empty();
    }

    static Deny conflicting(String duties) {
        return new Deny("conflicting duties: " + duties, DUTIES);
    }

    @Override
    public Explanation explain(
            Principal principal, Action action, Resource resource, Circumstances circumstances) {
        Decision decision = decide(principal, action, resource);
        return switch (decision) {
            case Permit permit ->
                    new Explanation(
                            permit,
                            "the role in `" + permit.policyId() + "` is carried and granted",
                            List.of());
            case Deny deny ->
                    new Explanation(deny, deny.reason(), missing(principal, action, resource));
        };
    }

    @Override
    public void onChange(Runnable listener) {
        grants.onChange(listener);
    }

    private List<String> missing(Principal principal, Action action, Resource resource) {
        if (!resource.tenant().equals(principal.tenant())) {
            return List.of("ask as a principal of tenant `" + resource.tenant() + "`");
        }
        Held held = held(principal.id());
        if (held.conflict.isPresent()) {
            return List.of("revoke one of the conflicting roles: " + held.conflict.get());
        }
        List<String> steps = steps(held, principal, action, resource);
        return steps.isEmpty() ? List.of("no role may do this") : steps;
    }

    /** What each built-in role that lists the action lacks. */
    List<String> steps(Held held, Principal principal, Action action, Resource resource) {
        List<String> steps = new ArrayList<>();
        for (Rule rule : rules(action)) {
            Role role = rule.role;
            steps.add(role.wireName() + ": " + step(role, held, principal, action, resource));
        }
        return steps;
    }

    String step(Role role, Held held, Principal principal, Action action, Resource resource) {
        List<Grant> granted =
                held.grants.stream()
                        .filter(g -> g.role().equals(role) && g.tenant().equals(resource.tenant()))
                        .toList();
        if (granted.isEmpty()) {
            return SeparationOfDuties.conflict(rolesWith(held, role))
                    .map(reason -> "cannot be granted beside the roles held (" + reason + ")")
                    .orElse("grant the role to `" + principal.id() + "`");
        }
        List<Grant> live = granted.stream().filter(g -> g.liveAt(clock.instant())).toList();
        if (live.isEmpty()) {
            return "renew the grant, which has expired";
        }
        if (!principal.has(role)) {
            return "present a credential that carries the role";
        }
        if (resource.isAny()) {
            return "name one model";
        }
        if (credentialCounts(role, action) && !matches(principal.models(), resource.name())) {
            return "present a credential that reaches the model";
        }
        return live.stream().anyMatch(g -> reaches(principal, g, action, resource))
                ? "nothing is missing"
                : "grant the role on the model";
    }

    private static Set<Role> rolesWith(Held held, Role role) {
        Set<Role> roles = new HashSet<>(Set.of(role));
        held.grants.forEach(g -> roles.add(g.role()));
        return roles;
    }

    /** Using a model takes a credential made for it; administering one does not. */
    private static boolean credentialCounts(Role role, Action action) {
        return role.equals(Role.CONSUMER) || (!role.isBuiltIn() && action == Action.MODEL_INFER);
    }

    static boolean reaches(Principal caller, Grant grant, Action action, Resource on) {
        if (!on.kind().equals(Resource.MODEL)) {
            return action != Action.MODEL_INFER;
        }
        if (on.isAny()) {
            // Asking for the list is not reaching a model: each name in it is decided by itself.
            return action == Action.MODEL_LIST
                    || (!grant.role().equals(Role.CONSUMER) && grant.models().isEmpty());
        }
        if (credentialCounts(grant.role(), action)) {
            return matches(caller.models(), on.name()) && matches(grant.models(), on.name());
        }
        return grant.models().isEmpty() || matches(grant.models(), on.name());
    }

    private static boolean matches(List<Glob> patterns, String name) {
        for (Glob pattern : patterns) {
            if (pattern.matches(name)) {
                return true;
            }
        }
        return false;
    }

    Held held(String principal) {
        OptionalLong version = grants.version();
        if (version.isEmpty()) {
            return Held.of(grants.of(principal));
        }
        Snapshot current = snapshot;
        if (current == null || current.version != version.getAsLong()) {
            // The version is read before the grants: a write in between costs one more reading.
            current = new Snapshot(version.getAsLong(), new ConcurrentHashMap<>());
            snapshot = current;
        }
        Held known = current.held.get(principal);
        if (known != null) {
            return known;
        }
        if (current.held.size() >= MEMORY) {
            current.held.clear();
        }
        Held fresh = Held.of(grants.of(principal));
        current.held.put(principal, fresh);
        return fresh;
    }

    private static List<Rule> rules(Action action) {
        return RULES.getOrDefault(action, List.of());
    }

    private static Map<Action, List<Rule>> rules() {
        Map<Action, List<Rule>> rules = new EnumMap<>(Action.class);
        for (Action action : Action.values()) {
            rules.put(
                    action,
                    Role.builtIn().stream()
                            .filter(role -> RoleTable.allows(role, action))
                            .map(role ->
                                    new Rule(
                                            role,
                                            Optional.of(
                                                    POLICY
                                                            + "#"
                                                            + role.wireName()
                                                            + ":"
                                                            + action.wireName())))
                            .toList());
        }
        return rules;
    }
}
