package atlas.policy.cedar;

import atlas.policy.PolicyException;
import atlas.policy.PolicyProblem;
import atlas.policy.cedar.Statements.Statement;
import com.cedarpolicy.AuthorizationEngine;
import com.cedarpolicy.BasicAuthorizationEngine;
import com.cedarpolicy.model.DetailedError;
import com.cedarpolicy.model.ValidationRequest;
import com.cedarpolicy.model.ValidationResponse;
import com.cedarpolicy.model.ValidationResponse.ValidationError;
import com.cedarpolicy.model.exception.AuthException;
import com.cedarpolicy.model.exception.InternalException;
import com.cedarpolicy.model.policy.Policy;
import com.cedarpolicy.model.policy.PolicySet;
import com.cedarpolicy.model.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Lets the engine's validator hold policies to the schema, and says where they do not. */
final class Validation {
    private static final AuthorizationEngine ENGINE = new BasicAuthorizationEngine();

    private final Statements statements;

    Validation(Statements statements) {
        this.statements = statements;
    }

    /**
     * What the validator finds. Its warnings count: a policy that can never apply protects nobody.
     */
    List<PolicyProblem> problems(Map<Statement, Rule> rules) {
        Map<String, Statement> byName = new HashMap<>();
        Set<Policy> policies = new LinkedHashSet<>();
        int number = 0;
        for (Statement statement : rules.keySet()) {
            String name = "p" + number++;
            byName.put(name, statement);
            policies.add(new Policy(statement.text(), name));
        }
        ValidationResponse response = validate(policies);
        if (response.success.isEmpty()) {
            throw new PolicyException("the policy engine could not check the policies", null);
        }
        List<PolicyProblem> problems = new ArrayList<>();
        Set<Statement> wrong = new LinkedHashSet<>();
        for (ValidationError error : response.success.get().validationErrors) {
            Statement statement = at(byName, error);
            wrong.add(statement);
            problems.add(problem(statement, id(rules, statement), error.getError()));
        }
        for (ValidationError warning : response.success.get().validationWarnings) {
            Statement statement = at(byName, warning);
            if (!wrong.contains(statement)) {
                problems.add(problem(statement, id(rules, statement), warning.getError()));
            }
        }
        return problems;
    }

    /** Why a policy does not parse. */
    List<PolicyProblem> whyUnreadable(Statement statement, InternalException otherwise) {
        ValidationResponse response = validate(Set.of(new Policy(statement.text(), "p0")));
        List<PolicyProblem> problems =
                Stream.ofNullable(response.errors.orElse(null))
                        .flatMap(List::stream)
                        .map(error -> problem(statement, "", error))
                        .toList();
        return problems.isEmpty()
                ? List.of(
                        statements.problem(
                                statement, 0, "", String.join("; ", otherwise.getErrors()), ""))
                : problems;
    }

    private static Statement at(Map<String, Statement> byName, ValidationError error) {
        Statement statement = byName.get(error.getPolicyId());
        if (statement == null) {
            throw new PolicyException("the policy engine speaks of a policy nobody wrote", null);
        }
        return statement;
    }

    private static String id(Map<Statement, Rule> rules, Statement statement) {
        Rule rule = rules.get(statement);
        return rule == null ? "" : rule.id();
    }

    private ValidationResponse validate(Set<Policy> policies) {
        try {
            Schema schema = Schema.parse(Schema.JsonOrCedar.Cedar, PolicySchema.text());
            return ENGINE.validate(new ValidationRequest(schema, new PolicySet(policies)));
        } catch (AuthException e) {
            throw new PolicyException("the policy engine could not check the policies", e);
        }
    }

    private PolicyProblem problem(Statement statement, String id, DetailedError error) {
        int bytes = error.sourceLocations.isEmpty() ? 0 : error.sourceLocations.getFirst().start;
        Optional<String> expected =
                error.sourceLocations.stream()
                        .flatMap(label -> label.label.stream())
                        .filter(label -> !label.isEmpty())
                        .findFirst();
        String hint = error.help.filter(help -> !help.isEmpty()).or(() -> expected).orElse("");
        return statements.problem(statement, bytes, id, plain(error.message), plain(hint));
    }

    /** The engine names policies by the numbers it was given; people know where they are. */
    private static String plain(String message) {
        return message.replaceFirst("^for policy `p\\d+`, ", "")
                .replaceFirst("^failed to parse policy with id `p\\d+` from string: ", "");
    }
}
