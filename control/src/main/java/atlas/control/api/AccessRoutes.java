package atlas.control.api;

import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.Type.STRINGS;
import static atlas.control.api.Field.optional;
import static atlas.control.api.Field.required;

import atlas.control.policies.PolicyBook;
import atlas.core.Role;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeys;
import atlas.identity.revocation.Revocations;
import atlas.identity.revocation.Revocations.Revocation;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import atlas.policy.Action;
import atlas.policy.Grant;
import atlas.policy.GrantStore;
import atlas.policy.SeparationOfDuties;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Who may do what: roles, grants, principals, and policy explained. */
final class AccessRoutes {
    private final ApiKeys keys;
    private final GrantStore grants;
    private final PolicyBook file;
    private final RoleNames names;
    private final Clock clock;
    private final Revocations revocations;
    private final Object changing = new Object();

    AccessRoutes(ApiKeys keys, ControlRoutes.Rules rules, Revocations revocations, Clock clock) {
        this.revocations = revocations;
        this.keys = keys;
        this.grants = rules.grants();
        this.file = rules.file();
        this.names = new RoleNames(rules.file());
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        "/api/v1/whoami",
                        Action.WHOAMI,
                        "self",
                        "who the caller is",
                        call -> Reply.ok(Views.caller(call.caller()))),
                Route.read(
                        "/api/v1/roles",
                        Action.ROLE_LIST,
                        "role",
                        "the separated roles, and the custom ones of the policy file",
                        _ -> Reply.ok(Views.list("roles", Views.roles(names.all())))),
                Route.read(
                        "/api/v1/grants",
                        Action.ROLE_LIST,
                        "role",
                        "every grant",
                        _ ->
                                Reply.ok(
                                        Views.list(
                                                "grants",
                                                grants.all().stream().map(Views::grant).toList()))),
                Route.act(
                                "POST",
                                "/api/v1/grants",
                                Action.ROLE_GRANT,
                                "role",
                                "grant a role",
                                this::grant)
                        .body(
                                required("principal", STRING, "a principal, or a pattern of them"),
                                required("role", STRING, "the role"),
                                optional("models", STRINGS, "model patterns the role reaches"),
                                optional("expires", STRING, "lifetime such as `90d`; none: lasts")),
                Route.act(
                                "DELETE",
                                "/api/v1/grants",
                                Action.ROLE_REVOKE,
                                "role",
                                "take a role away",
                                this::revoke)
                        .query(
                                required("principal", STRING, "the principal as granted"),
                                required("role", STRING, "the role")),
                Route.read(
                        "/api/v1/principals",
                        Action.ROLE_LIST,
                        "role",
                        "everybody with a grant or a key",
                        this::principals));
    }

    private Act grant(Call call) throws Refusal {
        Input input = call.input();
        Optional<Instant> expires = Optional.empty();
        if (input.optionalText("expires").isPresent()) {
            expires =
                    Optional.of(
                            clock.instant().plus(Times.duration("expires", input.text("expires"))));
        }
        Grant grant;
        try {
            grant =
                    new Grant(
                            input.text("principal"),
                            names.known(input.text("role")),
                            KeyRoutes.globs(input.texts("models")),
                            call.caller().tenant(),
                            expires);
        } catch (IllegalArgumentException e) {
            throw Problems.invalid(String.valueOf(e.getMessage()));
        }
        // The store knows the built-in duties; those of custom roles stand in the file.
        SeparationOfDuties.check(grant, grants.all(), file.policies().current().customRoles());
        return new Act(
                "role:" + grant.principal(),
                standing(grant.principal(), grant.role()).map(Views::grant).orElse(Map.of()),
                Views.grant(grant),
                () -> {
                    put(grant);
                    return Act.Done.with(Reply.created(Views.grant(grant)));
                });
    }

    // Looked at again with the change: another grant may have come since this one was planned.
    private void put(Grant grant) throws Refusal {
        synchronized (changing) {
            SeparationOfDuties.check(grant, grants.all(), file.policies().current().customRoles());
            grants.put(grant);
        }
    }

    private Act revoke(Call call) throws Refusal {
        String principal = call.input().text("principal");
        Role role = RoleNames.any(call.input().text("role"));
        Grant was =
                standing(principal, role)
                        .orElseThrow(() ->
                                Problems.notFound(
                                        "`"
                                                + principal
                                                + "` was not granted `"
                                                + role.wireName()
                                                + "`"));
        return new Act(
                "role:" + principal,
                Views.grant(was),
                Map.of(),
                () -> {
                    // Tokens that carry the role end with it. They first: when the store fails in
                    // between, the grant is still there, so that the same call can be made again.
                    revocations.revoke(
                            Kind.GRANT,
                            was.tenant(),
                            Revocation.grant(principal, role.wireName()),
                            "role revoked");
                    grants.remove(principal, role);
                    return Act.Done.with(Reply.ok(Map.of("revoked", Views.grant(was))));
                });
    }

    private Optional<Grant> standing(String principal, Role role) {
        return grants.all().stream()
                .filter(g -> g.principal().equals(principal) && g.role().equals(role))
                .findFirst();
    }

    private Reply principals(Call call) {
        Map<String, Map<String, Object>> byName = new TreeMap<>();
        for (Grant grant : grants.all()) {
            roles(byName, grant.principal()).add(grant.role().wireName());
        }
        for (ApiKey key : keys.list()) {
            Map<String, Object> view = view(byName, key.principal());
            if (keys.works(key)) {
                view.merge("active_keys", 1, (a, b) -> (Integer) a + (Integer) b);
            }
            key.lastUsed()
                    .ifPresent(when ->
                            view.merge(
                                    "last_used",
                                    when.toString(),
                                    (a, b) -> a.toString().compareTo(b.toString()) > 0 ? a : b));
        }
        return Reply.ok(Views.list("principals", byName.values()));
    }

    private static Map<String, Object> view(Map<String, Map<String, Object>> all, String name) {
        return all.computeIfAbsent(
                name,
                id -> {
                    Map<String, Object> view = new LinkedHashMap<>();
                    view.put("principal", id);
                    view.put("roles", new LinkedHashSet<String>());
                    view.put("active_keys", 0);
                    return view;
                });
    }

    @SuppressWarnings("unchecked")
    private static Set<String> roles(Map<String, Map<String, Object>> all, String name) {
        return (Set<String>) java.util.Objects.requireNonNull(view(all, name).get("roles"));
    }
}
