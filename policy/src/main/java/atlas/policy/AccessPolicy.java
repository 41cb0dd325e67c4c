package atlas.policy;

import atlas.core.Principal;
import atlas.core.Role;
import atlas.policy.Decision.Deny;
import atlas.policy.Decision.Permit;
import atlas.policy.Judgement.Forbidden;
import atlas.policy.Judgement.Permitted;
import atlas.policy.Judgement.Silent;
import atlas.policy.Judgement.Unanswerable;
import atlas.policy.RolePolicy.Held;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The built-in roles and a policy file together. In this order, the first that says no ends it:
 *
 * <ol>
 *   <li>the resource belongs to the caller's tenant;
 *   <li>the principal was granted no duties that check each other, custom roles included;
 *   <li>the policy file forbids nothing of it, and could be evaluated;
 *   <li>a built-in role allows it, or the file permits it to a custom role the caller acts in.
 * </ol>
 *
 * <p>So a file can take away anything and give only through custom roles, and no file can lift the
 * first two. Thread-safe; the parts without a policy file do no I/O and remember nothing.
 */
public final class AccessPolicy implements PolicyDecisionPoint {
    private static final String FILE = "policy-file/";
    private static final int MOST_REMEMBERED = 10_000;

    private final RolePolicy builtIn;
    private final Policies policies;
    private final Surroundings surroundings;
    private final Clock clock;
    private volatile Names names = new Names("");
    private volatile Duties duties = new Duties("", Map.of());

    public AccessPolicy(
            GrantStore grants, Policies policies, Surroundings surroundings, Clock clock) {
        this.builtIn = new RolePolicy(grants, clock);
        this.policies = policies;
        this.surroundings = surroundings;
        this.clock = clock;
        grants.onChange(this::forget);
    }

    /** What rules are called while one file is in force, so that none is put together twice. */
    private record Names(String version, Map<String, String> inForce) {
        Names(String version) {
            this(version, new ConcurrentHashMap<>());
        }

        /** A built-in rule, and the file that did not object. */
        String unopposed(String rule) {
            return inForce.computeIfAbsent(rule, r -> r + ";" + FILE + version);
        }

        String by(List<String> policies) {
            return FILE + version + "#" + String.join(",", policies);
        }
    }

    /** Which roles may meet while one file is in force. */
    private record Duties(
            String version,
            Map<Role, Set<Action>> custom,
            Map<Set<Role>, Optional<String>> conflicts) {
        Duties(String version, Map<Role, Set<Action>> custom) {
            this(version, custom, new ConcurrentHashMap<>());
        }

        Optional<String> conflict(Held held) {
            if (!held.custom()) {
                return held.conflict();
            }
            if (conflicts.size() >= MOST_REMEMBERED) {
                conflicts.clear();
            }
            return conflicts.computeIfAbsent(
                    held.roles(), roles -> SeparationOfDuties.conflict(roles, custom));
        }
    }

    @Override
    public Decision decide(
            Principal principal, Action action, Resource resource, Circumstances circumstances) {
        Rulebook rulebook = policies.current();
        if (rulebook.version().isEmpty()) {
            return builtIn.decide(principal, action, resource, circumstances);
        }
        if (!resource.tenant().equals(principal.tenant())) {
            return RolePolicy.FOREIGN;
        }
        Held held = builtIn.held(principal.id());
        Optional<String> conflict = duties(rulebook).conflict(held);
        if (conflict.isPresent()) {
            return RolePolicy.conflicting(conflict.get());
        }
        Instant now = clock.instant();
        Optional<String> rule = builtIn.rule(held, principal, action, resource, now);
        Question question = question(held, principal, action, resource, circumstances, now);
        if (rule.isEmpty() && question.reaching().isEmpty()) {
            return RolePolicy.NO_ROLE;
        }
        Names called = names(rulebook);
        return switch (rulebook.judge(question)) {
            case Forbidden(List<String> ids) ->
                    new Deny("forbidden by " + quoted(ids), called.by(ids), ids);
            case Unanswerable(String why, List<String> ids) ->
                    new Deny("policy " + quoted(ids) + ": " + why, called.by(ids), ids);
            case Permitted(List<String> ids) ->
                    rule.<Decision>map(r ->
                                    new Permit(principal, action, resource, called.unopposed(r)))
                            .orElseGet(() ->
                                    new Permit(principal, action, resource, called.by(ids), ids));
            case Silent _ ->
                    rule.<Decision>map(r ->
                                    new Permit(principal, action, resource, called.unopposed(r)))
                            .orElse(RolePolicy.NO_ROLE);
        };
    }

    /** Forgets answers given; for whoever knows of a change that policy does not. */
    public void forget() {
        policies.current().forget();
    }

    private static String quoted(List<String> ids) {
        return "`" + String.join("`, `", ids) + "`";
    }

    private Names names(Rulebook rulebook) {
        Names known = names;
        if (!known.version.equals(rulebook.version())) {
            known = new Names(rulebook.version());
            names = known;
        }
        return known;
    }

    private Duties duties(Rulebook rulebook) {
        Duties known = duties;
        if (!known.version.equals(rulebook.version())) {
            known = new Duties(rulebook.version(), rulebook.customRoles());
            duties = known;
        }
        return known;
    }

    /** The roles carried, granted here, and not expired; as a rule all that were granted. */
    private static Set<Role> acting(
            Held held, Principal principal, Resource resource, Instant now) {
        if (principal.roles().containsAll(held.roles()) && held.steady(resource.tenant())) {
            return held.roles();
        }
        Set<Role> roles = new HashSet<>();
        for (Grant grant : held.grants()) {
            if (acts(grant, principal, resource, now)) {
                roles.add(grant.role());
            }
        }
        return roles;
    }

    private static boolean acts(Grant grant, Principal principal, Resource resource, Instant now) {
        return principal.has(grant.role())
                && grant.tenant().equals(resource.tenant())
                && grant.liveAt(now);
    }

    private Question question(
            Held held,
            Principal principal,
            Action action,
            Resource resource,
            Circumstances circumstances,
            Instant now) {
        Set<Role> roles = acting(held, principal, resource, now);
        Set<Role> reaching = Set.of();
        if (held.custom()) {
            for (Grant grant : held.grants()) {
                if (!grant.role().isBuiltIn()
                        && acts(grant, principal, resource, now)
                        && RolePolicy.reaches(principal, grant, action, resource)) {
                    reaching = reaching.isEmpty() ? new HashSet<>() : reaching;
                    reaching.add(grant.role());
                }
            }
        }
        return new Question(
                principal, roles, reaching, action, resource, circumstances, surroundings, now);
    }

    @Override
    public Explanation explain(
            Principal principal, Action action, Resource resource, Circumstances circumstances) {
        Rulebook rulebook = policies.current();
        Decision decision = decide(principal, action, resource, circumstances);
        if (rulebook.version().isEmpty() || !resource.tenant().equals(principal.tenant())) {
            return builtIn.explain(principal, action, resource, circumstances);
        }
        Held held = builtIn.held(principal.id());
        Optional<String> conflict = duties(rulebook).conflict(held);
        if (conflict.isPresent()) {
            return new Explanation(
                    decision,
                    "conflicting duties: " + conflict.get(),
                    List.of("revoke one of the conflicting roles: " + conflict.get()));
        }
        Question question =
                question(held, principal, action, resource, circumstances, clock.instant());
        return new Explaining(builtIn, rulebook, question).explain(decision, held);
    }

    @Override
    public void onChange(Runnable listener) {
        builtIn.onChange(listener);
        policies.onChange(listener);
    }
}
