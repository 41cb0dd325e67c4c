package atlas.policy;

import atlas.core.Role;
import atlas.policy.Decision.Deny;
import atlas.policy.Decision.Permit;
import atlas.policy.RolePolicy.Held;
import atlas.policy.Rulebook.Consideration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the words for a decision that a policy file had a part in. */
final class Explaining {
    private final RolePolicy builtIn;
    private final Rulebook rulebook;
    private final Question question;

    Explaining(RolePolicy builtIn, Rulebook rulebook, Question question) {
        this.builtIn = builtIn;
        this.rulebook = rulebook;
        this.question = question;
    }

    Explanation explain(Decision decision, Held held) {
        List<Consideration> considered = rulebook.consider(question);
        return switch (decision) {
            case Permit permit -> new Explanation(permit, permitted(permit), List.of(), considered);
            case Deny deny ->
                    new Explanation(deny, deny.reason(), missing(held, considered), considered);
        };
    }

    private static String permitted(Permit permit) {
        return permit.policies().isEmpty()
                ? "the role in `"
                        + permit.policyId()
                        + "` is carried and granted, and no policy forbids it"
                : "permitted by `" + String.join("`, `", permit.policies()) + "`";
    }

    private List<String> missing(Held held, List<Consideration> considered) {
        List<String> steps = new ArrayList<>();
        for (Consideration one : considered) {
            boolean forbids = one.policy().effect().equals("forbid");
            if (forbids && !one.outcome().equals("does not apply")) {
                steps.add(
                        "policy `%s` (line %d) would have to stop forbidding it; %s"
                                .formatted(one.policy().id(), one.policy().line(), saw(one)));
            }
        }
        if (!steps.isEmpty()) {
            return steps;
        }
        steps.addAll(
                builtIn.steps(held, question.principal(), question.action(), question.resource()));
        for (Consideration one : considered) {
            if (one.policy().effect().equals("permit") && !one.applies()) {
                steps.add(
                        "policy `%s` (line %d) would permit it if its conditions held; %s"
                                .formatted(one.policy().id(), one.policy().line(), saw(one)));
            }
        }
        steps.addAll(customRoles(held));
        return steps;
    }

    private static String saw(Consideration one) {
        if (one.read().isEmpty()) {
            return "it has no conditions";
        }
        List<String> facts = new ArrayList<>();
        one.read().forEach((name, value) -> facts.add(name + " = " + value));
        facts.sort(null);
        return "it saw " + String.join(", ", facts);
    }

    /** Custom roles that may at most do this and that the caller does not act in. */
    private List<String> customRoles(Held held) {
        List<String> steps = new ArrayList<>();
        for (Map.Entry<Role, Set<Action>> entry : rulebook.customRoles().entrySet()) {
            Role role = entry.getKey();
            if (!entry.getValue().contains(question.action())
                    || question.reaching().contains(role)) {
                continue;
            }
            Set<Role> together = new HashSet<>(held.roles());
            together.add(role);
            steps.add(
                    role.wireName()
                            + ": "
                            + SeparationOfDuties.conflict(together, rulebook.customRoles())
                                    .map(reason ->
                                            "cannot be granted beside the roles held ("
                                                    + reason
                                                    + ")")
                                    .orElseGet(() ->
                                            builtIn.step(
                                                    role,
                                                    held,
                                                    question.principal(),
                                                    question.action(),
                                                    question.resource())));
        }
        steps.sort(null);
        return steps;
    }
}
