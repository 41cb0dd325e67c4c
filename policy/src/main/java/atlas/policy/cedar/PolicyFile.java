package atlas.policy.cedar;

import atlas.policy.PolicyProblem;
import atlas.policy.Rulebook;
import atlas.policy.cedar.Statements.Statement;
import com.cedarpolicy.model.exception.InternalException;
import com.cedarpolicy.model.policy.Policy;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads policy files. A file is taken whole or not at all: every policy parses, fits the schema,
 * has an id of its own, permits only to custom roles, and puts no duties that check each other into
 * one role.
 */
public final class PolicyFile {
    /** More than anybody writes; a bound on what is held in memory. */
    public static final int MOST_BYTES = 4 << 20;

    private static final int MOST_POLICIES = 10_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Statements statements;
    private final List<PolicyProblem> problems = new ArrayList<>();
    private final Map<Statement, Rule> rules = new LinkedHashMap<>();

    private PolicyFile(Statements statements) {
        this.statements = statements;
    }

    /** What came of reading a file. */
    public sealed interface Outcome {
        /** It holds, and may come into force. */
        record Accepted(Rulebook rulebook) implements Outcome {}

        /** It does not; nothing of it comes into force. */
        record Refused(List<PolicyProblem> problems) implements Outcome {
            public Refused {
                problems = List.copyOf(problems);
            }
        }
    }

    /** Reads and checks a whole file. */
    public static Outcome read(String text) {
        return DeepStack.run(() -> readHere(text));
    }

    private static Outcome readHere(String text) {
        if (text.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            return whole("the file is larger than " + MOST_BYTES + " bytes", "split the duties");
        }
        Statements statements = Statements.of(text);
        if (statements.all().size() > MOST_POLICIES) {
            return whole("the file has more than " + MOST_POLICIES + " policies", "");
        }
        PolicyFile file = new PolicyFile(statements);
        file.statements.all().forEach(file::bounded);
        if (file.problems.isEmpty()) {
            file.statements.all().forEach(file::parse);
        }
        if (file.problems.isEmpty()) {
            Validation validation = new Validation(statements);
            file.problems.addAll(validation.problems(file.rules));
        }
        if (file.problems.isEmpty()) {
            file.problems.addAll(new HouseRules(statements).problems(file.rules));
        }
        return file.problems.isEmpty()
                ? new Outcome.Accepted(new CedarRulebook(text, List.copyOf(file.rules.values())))
                : new Outcome.Refused(file.problems);
    }

    private static Outcome whole(String message, String hint) {
        return new Outcome.Refused(List.of(new PolicyProblem(0, 0, "", message, hint)));
    }

    private void bounded(Statement statement) {
        Bounds.exceeded(statement.text())
                .ifPresent(what ->
                        problems.add(
                                statements.problem(
                                        statement, 0, "", what, "make two policies of it")));
    }

    private void parse(Statement statement) {
        JsonNode policy;
        try {
            policy = JSON.readTree(Policy.parseStaticPolicy(statement.text()).toJson());
        } catch (InternalException e) {
            problems.addAll(new Validation(statements).whyUnreadable(statement, e));
            return;
        } catch (JsonProcessingException e) {
            problems.add(
                    statements.problem(statement, 0, "", "the policy is nested too deeply", ""));
            return;
        }
        Map<String, String> annotations = new LinkedHashMap<>();
        policy.path("annotations")
                .properties()
                .forEach(one -> annotations.put(one.getKey(), one.getValue().asText("")));
        String id = annotations.getOrDefault("id", "");
        try {
            rules.put(
                    statement,
                    new Rule(
                            new Rulebook.Entry(
                                    id,
                                    statements.line(statement),
                                    policy.path("effect").asText(),
                                    annotations),
                            statement.text(),
                            Head.of(policy),
                            Reads.of(policy)));
        } catch (IllegalArgumentException e) {
            problems.add(statements.problem(statement, 0, id, "the head cannot be understood", ""));
        }
    }
}
