package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.core.Role;
import atlas.policy.PolicyProblem;
import atlas.policy.cedar.PolicyFile;
import atlas.policy.cedar.PolicyFile.Outcome;
import atlas.policy.cedar.PolicySchema;
import atlas.runtime.Logs;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Access control: checked, put into force, explained. */
@Command(
        name = "policy",
        description = "Check, apply and list policies; ask what they would say, and why.",
        subcommands = {
            PolicyCommands.Check.class,
            PolicyCommands.Apply.class,
            PolicyCommands.Listing.class,
            PolicyCommands.Show.class,
            PolicyCommands.Explain.class,
            PolicyCommands.PrintSchema.class
        })
final class PolicyCommands extends Group {
    private static final String POLICIES = "/api/v1/policies";

    @Command(
            name = "check",
            description = "Whether a policy file holds; works offline, exit status 1 when not.",
            footer = "%nExample:%n  atlas policy check policies.cedar")
    static final class Check extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "FILE", description = "the policy file")
        private Path file = Path.of("");

        @Override
        public Integer call() {
            // The engine's loader speaks; unasked it would do so on stdout.
            Logs.text();
            return switch (PolicyFile.read(text(file))) {
                case Outcome.Accepted(var rulebook) -> {
                    ObjectNode said = Remote.object();
                    said.put("file", file.toString());
                    said.put("policies", rulebook.entries().size());
                    said.put("version", rulebook.version());
                    ObjectNode roles = said.putObject("roles");
                    rulebook.customRoles()
                            .forEach((role, actions) -> {
                                ArrayNode list = roles.putArray(role.wireName());
                                actions.forEach(action -> list.add(action.wireName()));
                            });
                    terminal().object(said);
                    yield Main.YES;
                }
                case Outcome.Refused(List<PolicyProblem> problems) -> {
                    ArrayNode rows = Remote.JSON.createArrayNode();
                    problems.forEach(problem -> rows.add(row(problem)));
                    terminal()
                            .rows(
                                    rows,
                                    List.of(
                                            Column.field("LINE", "line"),
                                            Column.field("COLUMN", "column"),
                                            Column.field("POLICY", "policy"),
                                            Column.field("PROBLEM", "problem"),
                                            Column.field("HINT", "hint")));
                    yield Main.NO;
                }
            };
        }

        private static ObjectNode row(PolicyProblem problem) {
            ObjectNode row = Remote.object();
            row.put("line", problem.line());
            row.put("column", problem.column());
            row.put("policy", problem.policy());
            row.put("problem", problem.message());
            row.put("hint", problem.hint());
            return row;
        }
    }

    @Command(
            name = "apply",
            description = "Put a policy file into force, whole or not at all.",
            footer = "%nExample:%n  atlas policy apply policies.cedar")
    static final class Apply extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "FILE", description = "the policy file")
        private Path file = Path.of("");

        @Override
        public Integer call() {
            JsonNode now =
                    Remote.control(shared(), Role.SECURITY_ADMIN)
                            .put(POLICIES, BodyPublishers.ofString(text(file)));
            ObjectNode said = Remote.object();
            for (String field : List.of("version", "source", "since", "by")) {
                said.set(field, now.path(field));
            }
            said.put("policies", now.path("policies").size());
            terminal().object(said);
            return Main.YES;
        }
    }

    @Command(name = "list", description = "List the policies in force.")
    static final class Listing extends AtlasCommand {
        @Override
        public Integer call() {
            JsonNode now = Remote.control(shared(), Role.SECURITY_ADMIN).read(POLICIES);
            ArrayNode rows = Remote.JSON.createArrayNode();
            for (JsonNode policy : now.path("policies")) {
                ObjectNode row = rows.addObject();
                row.set("id", policy.path("id"));
                row.set("effect", policy.path("effect"));
                row.set("line", policy.path("line"));
                row.set("says", policy.path("annotations").path("says"));
            }
            terminal()
                    .rows(
                            rows,
                            List.of(
                                    Column.field("ID", "id"),
                                    Column.field("EFFECT", "effect"),
                                    Column.field("LINE", "line"),
                                    Column.field("SAYS", "says")));
            if (now.has("refused")) {
                terminal()
                        .say(
                                "a file was refused at "
                                        + now.path("refused").path("at").asText()
                                        + ": "
                                        + now.path("refused")
                                                .path("problems")
                                                .path(0)
                                                .path("message")
                                                .asText());
            }
            return Main.YES;
        }
    }

    @Command(name = "show", description = "Print the policy file in force.")
    static final class Show extends AtlasCommand {
        @Override
        public Integer call() {
            JsonNode now = Remote.control(shared(), Role.SECURITY_ADMIN).read(POLICIES);
            terminal().stream(now.path("text").asText());
            return Main.YES;
        }
    }

    @Command(
            name = "explain",
            description = "Whether a principal may do something, and why.",
            footer =
                    "%nExample:%n  atlas policy explain --principal app-7 --action model.infer"
                            + " --resource model:atlas-demo --context source=10.0.0.7 --context"
                            + " request.max_tokens=500")
    static final class Explain extends AtlasCommand {
        @Option(names = "--principal", required = true, paramLabel = "P", description = "who")
        private String principal = "";

        @Option(names = "--action", required = true, paramLabel = "A", description = "does what")
        private String action = "";

        @Option(names = "--resource", paramLabel = "R", description = "to what")
        private @Nullable String resource;

        @Option(
                names = "--context",
                paramLabel = "FACT=VALUE",
                description = "what is known of the call, as conditions name it; may be repeated")
        private Map<String, String> context = Map.of();

        @Override
        public Integer call() {
            String query =
                    "?principal=" + Remote.segment(principal) + "&action=" + Remote.segment(action);
            if (resource != null) {
                query += "&resource=" + Remote.segment(resource);
            }
            if (!context.isEmpty()) {
                query += "&context=" + Remote.segment(facts(context).toString());
            }
            JsonNode answer =
                    Remote.control(shared(), Role.SECURITY_ADMIN)
                            .read(POLICIES + "/explain" + query);
            terminal().object(answer);
            return answer.path("allowed").asBoolean() ? Main.YES : Main.NO;
        }

        /** Numbers and truth values as such, lists by commas, everything else as text. */
        private static ObjectNode facts(Map<String, String> context) {
            ObjectNode facts = Remote.object();
            context.forEach((name, value) -> {
                if (name.equals("groups") || name.equals("request.tools")) {
                    ArrayNode list = facts.putArray(name);
                    for (String one : value.split(",")) {
                        list.add(one);
                    }
                } else if (value.equals("true") || value.equals("false")) {
                    facts.put(name, Boolean.parseBoolean(value));
                } else if (value.chars().allMatch(c -> c >= '0' && c <= '9')
                        && value.length() <= 15) {
                    facts.put(name, Long.parseLong(value));
                } else if (name.equals("request.temperature")) {
                    facts.put(name, decimal(name, value));
                } else {
                    facts.put(name, value);
                }
            });
            return facts;
        }

        private static double decimal(String name, String value) {
            try {
                return Double.parseDouble(value);
            } catch (NumberFormatException e) {
                throw Stop.usage("`" + name + "` is not a number: `" + value + "`");
            }
        }
    }

    @Command(name = "schema", description = "Print what policies are checked against.")
    static final class PrintSchema extends AtlasCommand {
        @Override
        public Integer call() {
            terminal().print(PolicySchema.text().stripTrailing());
            return Main.YES;
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw Stop.unknown("cannot read `" + file + "`: " + e.getMessage());
        }
    }
}
