package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.core.Role;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Who holds which role. */
@Command(
        name = "role",
        description = "Grant, revoke and list roles.",
        subcommands = {
            RoleCommands.Grant.class,
            RoleCommands.Revoke.class,
            RoleCommands.Listing.class
        })
final class RoleCommands extends Group {

    @Command(
            name = "grant",
            description = "Grant a role.",
            footer = "%nExample:%n  atlas role grant --principal app-7 --role consumer --model '*'")
    static final class Grant extends AtlasCommand {
        @Option(names = "--principal", required = true, paramLabel = "P", description = "to whom")
        private String principal = "";

        @Option(names = "--role", required = true, paramLabel = "R", description = "which role")
        private String role = "";

        @Option(names = "--model", paramLabel = "GLOB", description = "models it reaches")
        private List<String> models = List.of();

        @Option(names = "--expires", paramLabel = "90d", description = "for how long")
        private @Nullable String expires;

        @Override
        public Integer call() {
            ObjectNode request = Remote.object();
            request.put("principal", principal);
            request.put("role", role);
            ArrayNode globs = request.putArray("models");
            models.forEach(globs::add);
            if (expires != null) {
                request.put("expires", expires);
            }
            terminal()
                    .object(
                            Remote.control(shared(), Role.SECURITY_ADMIN)
                                    .post("/api/v1/grants", request));
            return Main.YES;
        }
    }

    @Command(name = "revoke", description = "Take a role away.")
    static final class Revoke extends AtlasCommand {
        @Option(names = "--principal", required = true, paramLabel = "P", description = "from whom")
        private String principal = "";

        @Option(names = "--role", required = true, paramLabel = "R", description = "which role")
        private String role = "";

        @Override
        public Integer call() {
            terminal()
                    .object(
                            Remote.control(shared(), Role.SECURITY_ADMIN)
                                    .delete(
                                            "/api/v1/grants?principal="
                                                    + Remote.segment(principal)
                                                    + "&role="
                                                    + Remote.segment(role)));
            return Main.YES;
        }
    }

    @Command(name = "list", description = "List grants.")
    static final class Listing extends AtlasCommand {
        @Override
        public Integer call() {
            terminal()
                    .rows(
                            Remote.control(shared(), Role.SECURITY_ADMIN)
                                    .read("/api/v1/grants")
                                    .path("grants"),
                            List.of(
                                    Column.field("PRINCIPAL", "principal"),
                                    Column.field("ROLE", "role"),
                                    Column.field("MODELS", "models"),
                                    Column.field("EXPIRES", "expires")));
            return Main.YES;
        }
    }
}
