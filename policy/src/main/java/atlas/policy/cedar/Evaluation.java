package atlas.policy.cedar;

import atlas.core.Role;
import atlas.policy.Action;
import atlas.policy.PolicyException;
import atlas.policy.Question;
import atlas.policy.Resource;
import com.cedarpolicy.AuthorizationEngine;
import com.cedarpolicy.BasicAuthorizationEngine;
import com.cedarpolicy.model.AuthorizationRequest;
import com.cedarpolicy.model.AuthorizationResponse;
import com.cedarpolicy.model.AuthorizationSuccessResponse;
import com.cedarpolicy.model.entity.Entity;
import com.cedarpolicy.model.exception.AuthException;
import com.cedarpolicy.model.exception.CacheException;
import com.cedarpolicy.model.policy.Policy;
import com.cedarpolicy.model.policy.PolicySet;
import com.cedarpolicy.value.CedarMap;
import com.cedarpolicy.value.EntityTypeName;
import com.cedarpolicy.value.EntityUID;
import com.cedarpolicy.value.PrimString;
import com.cedarpolicy.value.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A set of policies in the engine, parsed once; each question is put in the engine's words. */
final class Evaluation {
    private static final Logger LOG = LoggerFactory.getLogger(Evaluation.class);
    private static final int MOST_PARSED_SETS = 16_384;
    private static final AuthorizationEngine ENGINE = new BasicAuthorizationEngine();
    private static final Map<String, EntityTypeName> TYPES = new ConcurrentHashMap<>();
    private static final Map<Action, EntityUID> ACTIONS = new ConcurrentHashMap<>();
    private static final Map<Action, Entity> ACTION_ENTITIES = new ConcurrentHashMap<>();

    static {
        PolicySet.setCacheMaxPolicySets(MOST_PARSED_SETS);
    }

    private final PolicySet policies;

    Evaluation(List<Rule> rules) {
        Set<Policy> all = new HashSet<>();
        rules.forEach(rule -> all.add(new Policy(rule.source(), rule.id())));
        policies = new PolicySet(all);
        if (!rules.isEmpty()) {
            DeepStack.run(this::parsed);
        }
    }

    private boolean parsed() {
        try {
            policies.cache();
            return true;
        } catch (CacheException e) {
            // The engine then parses them at every question: slower, and the same answer.
            LOG.atWarn().setCause(e).log("policies not kept parsed");
            return false;
        }
    }

    /**
     * @param policies the ids of those that decided
     * @param broken the ids of those that could not be evaluated
     */
    record Answer(boolean allowed, Set<String> policies, Set<String> broken) {}

    /**
     * Shows the engine exactly these facts.
     *
     * @throws PolicyException when the engine fails
     */
    Answer ask(Question question, Fact[] reads, List<@Nullable Object> facts) {
        EntityUID principal = uid(PolicySchema.PRINCIPAL, question.principal().id());
        EntityUID action = ACTIONS.computeIfAbsent(question.action(), Evaluation::action);
        Resource on = question.resource();
        EntityUID resource = uid(PolicySchema.type(on.kind()), on.name());
        Map<String, Value> ofPrincipal = attributes("principal", reads, facts);
        Map<String, Value> ofResource = attributes("resource", reads, facts);
        Set<Entity> entities = new HashSet<>();
        entities.add(new Entity(principal, ofPrincipal, parents(question), tags(reads, question)));
        entities.add(new Entity(resource, ofResource, Set.of()));
        entities.add(ACTION_ENTITIES.computeIfAbsent(question.action(), Evaluation::grouped));
        AuthorizationRequest request =
                new AuthorizationRequest(
                        principal,
                        action,
                        resource,
                        Optional.of(attributes("context", reads, facts)),
                        Optional.empty(),
                        false);
        try {
            return answer(ENGINE.isAuthorized(request, policies, entities));
        } catch (AuthException e) {
            throw new PolicyException("the policy engine failed", e);
        }
    }

    private static Answer answer(AuthorizationResponse response) {
        if (response.success.isEmpty()) {
            throw new PolicyException("the policy engine refused a question", null);
        }
        AuthorizationSuccessResponse success = response.success.get();
        Set<String> broken = new HashSet<>();
        success.getErrors().forEach(error -> broken.add(error.getPolicyId()));
        return new Answer(success.isAllowed(), success.getReason(), broken);
    }

    private static Set<EntityUID> parents(Question question) {
        Set<EntityUID> parents = new HashSet<>();
        for (Role role : question.roles()) {
            parents.add(uid(PolicySchema.ROLE, role.wireName()));
        }
        for (String group : question.principal().claims().groups()) {
            parents.add(uid(PolicySchema.GROUP, group));
        }
        return parents;
    }

    private static Map<String, Value> tags(Fact[] reads, Question question) {
        for (Fact fact : reads) {
            if (fact == Fact.PRINCIPAL_TAGS) {
                Map<String, Value> tags = new HashMap<>();
                question.principal()
                        .claims()
                        .attributes()
                        .forEach((name, value) -> tags.put(name, new PrimString(value)));
                return tags;
            }
        }
        return Map.of();
    }

    /** The facts below one root, nested as their paths say. */
    private static Map<String, Value> attributes(
            String root, Fact[] reads, List<@Nullable Object> facts) {
        Map<String, Value> flat = new HashMap<>();
        Map<String, Map<String, Value>> nested = new HashMap<>();
        for (int i = 0; i < reads.length; i++) {
            Fact fact = reads[i];
            List<String> path = fact.path();
            if (!fact.attribute() || !path.getFirst().equals(root)) {
                continue;
            }
            Map<String, Value> place =
                    path.size() == 2
                            ? flat
                            : nested.computeIfAbsent(path.get(1), _ -> new HashMap<>());
            Object value = facts.get(i);
            if (value != null) {
                place.put(path.getLast(), fact.type().toCedar(value));
            }
        }
        nested.forEach((name, values) -> flat.put(name, new CedarMap(values)));
        return flat;
    }

    private static EntityUID action(Action action) {
        return uid(PolicySchema.ACTION, action.wireName());
    }

    private static Entity grouped(Action action) {
        return new Entity(
                action(action), Set.of(uid(PolicySchema.ACTION, PolicySchema.group(action))));
    }

    private static EntityUID uid(String type, String id) {
        return new EntityUID(
                TYPES.computeIfAbsent(type, name -> EntityTypeName.parse(name).orElseThrow()), id);
    }
}
