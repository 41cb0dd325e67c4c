package atlas.policy.cedar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which facts a policy's conditions look at. What is not understood counts as looking at
 * everything: an answer is then remembered for fewer questions, never for a wrong one.
 */
final class Reads {
    private final Set<Fact> facts = EnumSet.noneOf(Fact.class);

    private Reads() {}

    /** From a policy in the engine's JSON form. */
    static Set<Fact> of(JsonNode policy) {
        Reads reads = new Reads();
        for (JsonNode condition : policy.path("conditions")) {
            reads.expression(condition.path("body"));
        }
        return reads.facts;
    }

    private void expression(JsonNode node) {
        if (node.isArray()) {
            node.forEach(this::expression);
            return;
        }
        if (!node.isObject()) {
            return;
        }
        if (node.has("Var")) {
            read(List.of(node.path("Var").asText()));
            return;
        }
        if (node.has("Value")) {
            return;
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            operator(entry.getKey(), entry.getValue());
        }
    }

    private void operator(String name, JsonNode operands) {
        if (name.equals(".") || name.equals("has")) {
            Deque<String> path = new ArrayDeque<>();
            if (path(operands, path)) {
                read(List.copyOf(path));
            } else {
                expression(operands.path("left"));
            }
        } else if (name.equals("hasTag") || name.equals("getTag")) {
            if (operands.path("left").path("Var").asText().equals("principal")) {
                facts.add(Fact.PRINCIPAL_TAGS);
            } else {
                expression(operands.path("left"));
            }
            expression(operands.path("right"));
        } else {
            for (JsonNode operand : operands) {
                expression(operand);
            }
        }
    }

    /** Whether this is a chain of attributes on a variable, and which. */
    private static boolean path(JsonNode access, Deque<String> path) {
        path.addFirst(access.path("attr").asText());
        JsonNode left = access.path("left");
        if (left.has("Var")) {
            path.addFirst(left.path("Var").asText());
            return true;
        }
        return left.has(".") && path(left.path("."), path);
    }

    /** A chain may end at a fact, above several, or below one. */
    private void read(List<String> chain) {
        boolean found = false;
        for (Fact fact : Fact.values()) {
            if (above(chain, fact.path()) || (fact.attribute() && above(fact.path(), chain))) {
                facts.add(fact);
                found = true;
            }
        }
        if (!found) {
            facts.addAll(EnumSet.allOf(Fact.class));
        }
    }

    private static boolean above(List<String> one, List<String> other) {
        return one.size() <= other.size() && other.subList(0, one.size()).equals(one);
    }
}
