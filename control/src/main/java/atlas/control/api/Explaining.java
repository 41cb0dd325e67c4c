package atlas.control.api;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeys;
import atlas.policy.Action;
import atlas.policy.Decision;
import atlas.policy.Explanation;
import atlas.policy.Grant;
import atlas.policy.Resource;
import atlas.policy.Rulebook.Consideration;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Asks policy in somebody's name and says why it answers so. */
final class Explaining {
    private final ApiKeys keys;
    private final ControlRoutes.Rules rules;
    private final Clock clock;

    Explaining(ApiKeys keys, ControlRoutes.Rules rules, Clock clock) {
        this.keys = keys;
        this.rules = rules;
        this.clock = clock;
    }

    Map<String, Object> explain(Call call) throws Refusal {
        String name = call.input().text("principal");
        String wire = call.input().text("action");
        Action action =
                Action.ofWireName(wire)
                        .orElseThrow(() -> Problems.invalid("there is no action `" + wire + "`"));
        Resource resource = resource(call.input().optionalText("resource"), action);
        Supposed supposed = Supposed.read(call.input().optionalText("context"), clock);
        Principal asking = asking(name, call.caller().tenant(), supposed);
        Explanation why =
                rules.policy().explain(asking, action, resource, supposed.circumstances());
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("principal", name);
        view.put("action", wire);
        view.put("resource", resource.toString());
        Decision decision = why.decision();
        switch (decision) {
            case Decision.Permit _ -> view.put("allowed", true);
            case Decision.Deny no -> {
                view.put("allowed", false);
                view.put("reason", no.reason());
            }
        }
        view.put("policy", decision.policyId());
        view.put("policies", decision.policies());
        view.put("rule", why.rule());
        view.put("missing", why.missing());
        view.put("considered", why.considered().stream().map(Explaining::considered).toList());
        return view;
    }

    private static Map<String, Object> considered(Consideration one) {
        return Map.of(
                "id", one.policy().id(),
                "line", one.policy().line(),
                "effect", one.policy().effect(),
                "outcome", one.outcome(),
                "read", new TreeMap<>(one.read()));
    }

    // Asked about with the roles and models its live keys carry, or else with all it was granted.
    private Principal asking(String name, String tenant, Supposed supposed) throws Refusal {
        Set<Role> roles = new LinkedHashSet<>();
        Set<Glob> models = new LinkedHashSet<>();
        for (ApiKey key : keys.list()) {
            if (key.principal().equals(name) && keys.works(key)) {
                roles.addAll(key.roles());
                models.addAll(key.models());
            }
        }
        if (roles.isEmpty()) {
            for (Grant grant : rules.grants().of(name)) {
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
                    supposed.claims(),
                    supposed.credential());
        } catch (IllegalArgumentException e) {
            throw Problems.invalid(String.valueOf(e.getMessage()));
        }
    }

    private static Resource resource(Optional<String> text, Action action) throws Refusal {
        if (text.isEmpty()) {
            return Resource.any(action.kind());
        }
        int colon = text.get().indexOf(':');
        if (colon >= 0 && !text.get().substring(0, colon).equals(action.kind())) {
            throw Problems.invalid(
                    "`%s` is asked of a `%s`, not of `%s`"
                            .formatted(
                                    action.wireName(),
                                    action.kind(),
                                    text.get().substring(0, colon)));
        }
        try {
            return colon < 0
                    ? new Resource(action.kind(), text.get(), Principal.DEFAULT_TENANT)
                    : new Resource(
                            text.get().substring(0, colon),
                            text.get().substring(colon + 1),
                            Principal.DEFAULT_TENANT);
        } catch (IllegalArgumentException e) {
            throw Problems.invalid(String.valueOf(e.getMessage()));
        }
    }
}
