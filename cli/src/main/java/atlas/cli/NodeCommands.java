package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gateways and nodes in processes of their own. */
@Command(
        name = "node",
        description = "Invite gateways and nodes of their own, list them, end their enrolment.",
        subcommands = {
            NodeCommands.JoinToken.class,
            NodeCommands.Listing.class,
            NodeCommands.Remove.class
        })
final class NodeCommands extends Group {

    @Command(
            name = "join-token",
            description = "Make a token with which a gateway or node joins, once and soon.",
            footer =
                    "%nExample:%n  atlas node join-token --role gateway --name gw-1 --server-name"
                            + " llm.example.com > join-token")
    static final class JoinToken extends AtlasCommand {
        @Option(
                names = "--role",
                required = true,
                paramLabel = "gateway|node",
                description = "what is to join")
        private String role = "";

        @Option(
                names = "--name",
                required = true,
                paramLabel = "N",
                description = "its name among those of its role")
        private String name = "";

        @Option(
                names = "--server-name",
                paramLabel = "HOST",
                description = "a DNS name or address it is reached by; may be repeated")
        private List<String> serverNames = List.of();

        @Option(
                names = "--expires",
                paramLabel = "15m",
                description = "how long the token waits (default: ${DEFAULT-VALUE})",
                defaultValue = "15m")
        private String expires = "15m";

        @Override
        public Integer call() {
            ObjectNode request = Remote.object();
            request.put("role", role);
            request.put("name", name);
            ArrayNode names = request.putArray("server_names");
            serverNames.forEach(names::add);
            request.put("expires", expires);
            JsonNode made =
                    Remote.control(shared(), Role.SECURITY_ADMIN)
                            .post("/api/v1/workloads/join-tokens", request);
            if (terminal().json()) {
                terminal().object(made);
            } else {
                terminal().print(made.path("token").asText());
            }
            terminal()
                    .say(
                            "whoever has it may join as "
                                    + role
                                    + " "
                                    + name
                                    + " until "
                                    + made.path("expires").asText()
                                    + ", once");
            return Main.YES;
        }
    }

    @Command(name = "list", description = "List the gateways and nodes that have joined.")
    static final class Listing extends AtlasCommand {
        @Override
        public Integer call() {
            terminal()
                    .rows(
                            Remote.control(shared(), Role.SECURITY_ADMIN)
                                    .read("/api/v1/workloads")
                                    .path("workloads"),
                            List.of(
                                    Column.field("ROLE", "role"),
                                    Column.field("NAME", "name"),
                                    Column.field("JOINED", "joined"),
                                    Column.field("ADDRESS", "address"),
                                    Column.field("LAST SEEN", "last_seen")));
            return Main.YES;
        }
    }

    @Command(name = "remove", description = "End an enrolment, from its next call on.")
    static final class Remove extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "ROLE", description = "`gateway` or `node`")
        private String role = "";

        @Parameters(index = "1", paramLabel = "NAME", description = "its name")
        private String name = "";

        @Override
        public Integer call() {
            String path = "/api/v1/workloads/" + Remote.segment(role) + "/" + Remote.segment(name);
            terminal().object(Remote.control(shared(), Role.SECURITY_ADMIN).delete(path));
            return Main.YES;
        }
    }
}
