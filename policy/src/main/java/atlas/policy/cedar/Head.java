package atlas.policy.cedar;

import atlas.core.Role;
import atlas.policy.Action;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a policy's head asks for, as keys of an index. A head fits a question exactly when its
 * principal key, one of its actions and its resource key are among the question's.
 *
 * @param principal {@link #ANY}, or what {@link #principal}, {@link #role}, {@link #group} give
 * @param resource {@link #ANY}, or what {@link #resources} and {@link #resource} give
 */
record Head(String principal, Set<Action> actions, String resource) {
    static final String ANY = "*";

    private static final String PRINCIPAL = "principal:";
    private static final String ROLE = "role:";
    private static final String GROUP = "group:";

    /** From a policy in the engine's JSON form. */
    static Head of(JsonNode policy) {
        return new Head(
                principalKey(policy.path("principal")),
                actions(policy.path("action")),
                resourceKey(policy.path("resource")));
    }

    static String principal(String id) {
        return PRINCIPAL + id;
    }

    static String role(String name) {
        return ROLE + name;
    }

    static String group(String name) {
        return GROUP + name;
    }

    /** Every resource of a type. */
    static String resources(String type) {
        return type;
    }

    static String resource(String type, String name) {
        return type + "::" + name;
    }

    /** The role the head names, if it names one. */
    Optional<Role> role() {
        return after(ROLE).flatMap(Role::ofWireName);
    }

    /** The one principal the head names, if it names one. */
    Optional<String> principalName() {
        return after(PRINCIPAL);
    }

    /** The group the head names, if it names one. */
    Optional<String> groupName() {
        return after(GROUP);
    }

    /** The one resource the head names, if it names one. */
    Optional<String> resourceName() {
        // A type is Atlas::Kind; what follows another pair of colons is a name.
        int type = resource.indexOf("::", PolicySchema.NAMESPACE.length());
        return resource.equals(ANY) || type < 0
                ? Optional.empty()
                : Optional.of(resource.substring(type + 2));
    }

    private Optional<String> after(String prefix) {
        return principal.startsWith(prefix)
                ? Optional.of(principal.substring(prefix.length()))
                : Optional.empty();
    }

    /** The name of a role that cannot be one. */
    Optional<String> misnamedRole() {
        return role().isPresent() ? Optional.empty() : after(ROLE);
    }

    private static String principalKey(JsonNode scope) {
        return switch (scope.path("op").asText()) {
            case "All" -> ANY;
            case "is" -> scope.has("in") ? entityKey(scope.path("in").path("entity")) : ANY;
            case "==", "in" -> entityKey(scope.path("entity"));
            default -> throw unknown(scope);
        };
    }

    private static String entityKey(JsonNode entity) {
        String id = entity.path("id").asText();
        String type = entity.path("type").asText();
        if (type.equals(PolicySchema.ROLE)) {
            return role(id);
        } else if (type.equals(PolicySchema.GROUP)) {
            return group(id);
        } else if (type.equals(PolicySchema.PRINCIPAL)) {
            return principal(id);
        }
        throw unknown(entity);
    }

    private static Set<Action> actions(JsonNode scope) {
        Set<Action> actions = EnumSet.noneOf(Action.class);
        switch (scope.path("op").asText()) {
            case "All" -> actions.addAll(Arrays.asList(Action.values()));
            case "==" -> add(actions, scope.path("entity"));
            case "in" -> {
                if (scope.has("entity")) {
                    add(actions, scope.path("entity"));
                }
                scope.path("entities").forEach(entity -> add(actions, entity));
            }
            default -> throw unknown(scope);
        }
        return actions;
    }

    private static void add(Set<Action> actions, JsonNode entity) {
        String id = entity.path("id").asText();
        for (Action action : Action.values()) {
            if (action.wireName().equals(id) || PolicySchema.group(action).equals(id)) {
                actions.add(action);
            }
        }
    }

    // Resources are in nothing but themselves, so `in` asks for the one named.
    private static String resourceKey(JsonNode scope) {
        return switch (scope.path("op").asText()) {
            case "All" -> ANY;
            case "is" ->
                    scope.has("in")
                            ? named(scope.path("in").path("entity"))
                            : resources(scope.path("entity_type").asText());
            case "==", "in" -> named(scope.path("entity"));
            default -> throw unknown(scope);
        };
    }

    private static String named(JsonNode entity) {
        return resource(entity.path("type").asText(), entity.path("id").asText());
    }

    private static IllegalArgumentException unknown(JsonNode node) {
        return new IllegalArgumentException("a head of an unknown form: " + node);
    }
}
