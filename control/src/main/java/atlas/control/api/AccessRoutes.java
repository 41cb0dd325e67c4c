package atlas.control.api;

import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.Type.STRINGS;
import static atlas.control.api.Field.optional;
import static atlas.control.api.Field.required;

import atlas.core.Principal;
import atlas.core.Role;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeys;
import atlas.policy.Action;
import atlas.policy.Decision;
import atlas.policy.Explanation;
import atlas.policy.Grant;
import atlas.policy.GrantStore;
import atlas.policy.PolicyDecisionPoint;
import atlas.policy.Resource;
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
    private final PolicyDecisionPoint policy;
    private final Clock clock;

    AccessRoutes(ApiKeys keys, GrantStore grants, PolicyDecisionPoint policy, Clock clock) {
        this.keys = keys;
        this.grants = grants;
        this.policy = policy;
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
                        "the separated roles",
                        _ -> Reply.ok(Views.list("roles", Views.roles(Role.builtIn())))),
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
                        this::principals),
                Route.read(
                        "/api/v1/policies/roles",
                        Action.POLICY_READ,
                        "policy",
                        "what each role may do",
                        this::matrix),
                Route.read(
                                "/api/v1/policies/explain",
                                Action.POLICY_EXPLAIN,
                                "policy",
                                "whether a principal may do something, and why",
                                this::explain)
                        .query(
                                required("principal", STRING, "who"),
                                required("action", STRING, "such as `model.infer`"),
                                optional("resource", STRING, "such as `model:demo`")));
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
                            KeyRoutes.role(input.text("role")),
                            KeyRoutes.globs(input.texts("models")),
                            call.caller().tenant(),
                            expires);
        } catch (IllegalArgumentException e) {
            throw Problems.invalid(String.valueOf(e.getMessage()));
        }
        return new Act(
                "role:" + grant.principal(),
                standing(grant.principal(), grant.role()).map(Views::grant).orElse(Map.of()),
                Views.grant(grant),
                () -> {
                    grants.put(grant);
                    return Act.Done.with(Reply.created(Views.grant(grant)));
                });
    }

    private Act revoke(Call call) throws Refusal {
        String principal = call.input().text("principal");
        Role role = KeyRoutes.role(call.input().text("role"));
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
        Instant now = clock.instant();
        for (ApiKey key : keys.list()) {
            Map<String, Object> view = view(byName, key.principal());
            if (key.liveAt(now)) {
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

    private Reply matrix(Call call) {
        Map<String, Object> matrix = new LinkedHashMap<>();
        for (Role role : Role.builtIn()) {
            matrix.put(role.wireName(), RoleMatrix.of(role));
        }
        return Reply.ok(Map.of("roles", matrix));
    }

    private Reply explain(Call call) throws Refusal {
        String name = call.input().text("principal");
        String wire = call.input().text("action");
        Action action =
                Action.ofWireName(wire)
                        .orElseThrow(() -> Problems.invalid("there is no action `" + wire + "`"));
        Resource resource = resource(call.input().optionalText("resource"), action);
        Explanation why = policy.explain(asking(name, call.caller().tenant()), action, resource);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("principal", name);
        view.put("action", wire);
        view.put("resource", resource.toString());
        switch (why.decision()) {
            case Decision.Permit yes -> {
                view.put("allowed", true);
                view.put("policy", yes.policyId());
            }
            case Decision.Deny no -> {
                view.put("allowed", false);
                view.put("policy", no.policyId());
                view.put("reason", no.reason());
            }
        }
        view.put("rule", why.rule());
        view.put("missing", why.missing());
        return Reply.ok(view);
    }

    // Asked about with the roles it was granted and the models its live keys carry.
    private Principal asking(String name, String tenant) throws Refusal {
        Instant now = clock.instant();
        Set<Role> roles = new LinkedHashSet<>();
        Set<atlas.core.Glob> models = new LinkedHashSet<>();
        for (ApiKey key : keys.list()) {
            if (key.principal().equals(name) && key.liveAt(now)) {
                roles.addAll(key.roles());
                models.addAll(key.models());
            }
        }
        if (roles.isEmpty()) {
            for (Grant grant : grants.of(name)) {
                roles.add(grant.role());
                models.addAll(grant.models());
            }
        }
        try {
            return new Principal(
                    name,
                    Principal.Kind.SERVICE,
                    tenant,
                    roles,
                    List.copyOf(models),
                    new Principal.Credential(
                            Principal.Credential.Kind.API_KEY,
                            "explain",
                            Instant.EPOCH,
                            Instant.MAX,
                            Optional.empty()));
        } catch (IllegalArgumentException e) {
            throw Problems.invalid(String.valueOf(e.getMessage()));
        }
    }

    private static Resource resource(Optional<String> text, Action action) throws Refusal {
        String kind = action.wireName().substring(0, Math.max(0, action.wireName().indexOf('.')));
        if (text.isEmpty()) {
            return Resource.any(kind.isEmpty() ? "self" : kind);
        }
        int colon = text.get().indexOf(':');
        try {
            return colon < 0
                    ? new Resource(
                            kind.isEmpty() ? "self" : kind, text.get(), Principal.DEFAULT_TENANT)
                    : new Resource(
                            text.get().substring(0, colon),
                            text.get().substring(colon + 1),
                            Principal.DEFAULT_TENANT);
        } catch (IllegalArgumentException e) {
            throw Problems.invalid(String.valueOf(e.getMessage()));
        }
    }
}
