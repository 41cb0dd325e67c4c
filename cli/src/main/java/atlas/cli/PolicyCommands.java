package atlas.cli;

import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Access control explained. */
@Command(
        name = "policy",
        description = "Ask what access control would say, and why.",
        subcommands = {PolicyCommands.Explain.class})
final class PolicyCommands extends Group {

    @Command(
            name = "explain",
            description = "Whether a principal may do something, and why.",
            footer =
                    "%nExample:%n  atlas policy explain --principal app-7 --action model.infer"
                            + " --resource model:atlas-demo")
    static final class Explain extends AtlasCommand {
        @Option(names = "--principal", required = true, paramLabel = "P", description = "who")
        private String principal = "";

        @Option(names = "--action", required = true, paramLabel = "A", description = "does what")
        private String action = "";

        @Option(names = "--resource", paramLabel = "R", description = "to what")
        private @Nullable String resource;

        @Override
        public Integer call() {
            String query =
                    "?principal=" + Remote.segment(principal) + "&action=" + Remote.segment(action);
            if (resource != null) {
                query += "&resource=" + Remote.segment(resource);
            }
            JsonNode answer =
                    Remote.control(shared(), Role.SECURITY_ADMIN)
                            .read("/api/v1/policies/explain" + query);
            terminal().object(answer);
            return answer.path("allowed").asBoolean() ? Main.YES : Main.NO;
        }
    }
}
