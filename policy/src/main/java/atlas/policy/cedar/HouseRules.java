package atlas.policy.cedar;

import atlas.core.Role;
import atlas.policy.Action;
import atlas.policy.PolicyProblem;
import atlas.policy.SeparationOfDuties;
import atlas.policy.cedar.Statements.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What Atlas asks of a policy beyond that it fits the schema. */
final class HouseRules {
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    private final Statements statements;
    private final List<PolicyProblem> problems = new ArrayList<>();

    HouseRules(Statements statements) {
        this.statements = statements;
    }

    List<PolicyProblem> problems(Map<Statement, Rule> rules) {
        Map<String, Rule> byId = new HashMap<>();
        rules.forEach((statement, rule) -> {
            id(statement, rule, byId);
            head(statement, rule);
        });
        if (problems.isEmpty()) {
            duties(rules);
        }
        return problems;
    }

    private void id(Statement statement, Rule rule, Map<String, Rule> byId) {
        if (rule.id().isEmpty()) {
            problem(
                    statement,
                    rule,
                    "the policy has no id, so no record could name it",
                    "begin it with @id(\"what-it-does\")");
        } else if (!ID.matcher(rule.id()).matches()) {
            problem(
                    statement,
                    rule,
                    "`" + rule.id() + "` is not an id",
                    "1 to 64 of lower-case letters, digits, `.`, `_` and `-`");
        } else {
            Rule other = byId.putIfAbsent(rule.id(), rule);
            if (other != null) {
                problem(
                        statement,
                        rule,
                        "the id `" + rule.id() + "` is taken by line " + other.entry().line(),
                        "give each policy its own");
            }
        }
    }

    private void head(Statement statement, Rule rule) {
        rule.head()
                .misnamedRole()
                .ifPresent(name ->
                        problem(
                                statement,
                                rule,
                                "`" + name + "` is not the name of a role",
                                "1 to 64 of lower-case letters, digits, `_` and `-`"));
        Optional<Role> role = rule.head().role();
        if (!rule.forbids() && role.filter(r -> !r.isBuiltIn()).isEmpty()) {
            problem(
                    statement,
                    rule,
                    role.isPresent()
                            ? "what the built-in role `"
                                    + role.get().wireName()
                                    + "` may do cannot be widened"
                            : "a permit names the custom role it is for",
                    "write `principal in Atlas::Role::\"your-role\"` and grant that role");
        }
    }

    /** No custom role may check itself; what roles do together is looked at where they meet. */
    private void duties(Map<Statement, Rule> rules) {
        Map<Role, Set<Action>> custom = CedarRulebook.customRoles(List.copyOf(rules.values()));
        custom.forEach((role, actions) ->
                SeparationOfDuties.conflictWithin(actions)
                        .ifPresent(reason -> {
                            Statement last = lastPermit(rules, role);
                            problem(
                                    last,
                                    rules.get(last),
                                    "the role `"
                                            + role.wireName()
                                            + "` would check itself: "
                                            + reason,
                                    "make two roles of it");
                        }));
    }

    private static Statement lastPermit(Map<Statement, Rule> rules, Role role) {
        Statement last = null;
        for (Map.Entry<Statement, Rule> entry : rules.entrySet()) {
            Rule rule = entry.getValue();
            if (!rule.forbids() && rule.head().role().filter(role::equals).isPresent()) {
                last = entry.getKey();
            }
        }
        return java.util.Objects.requireNonNull(last);
    }

    private void problem(
            Statement statement,
            @org.jspecify.annotations.Nullable Rule rule,
            String message,
            String hint) {
        String id = rule == null ? "" : rule.id();
        problems.add(statements.problem(statement, 0, id, message, hint));
    }
}
