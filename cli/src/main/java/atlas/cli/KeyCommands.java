package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** API keys. */
@Command(
        name = "key",
        description = "Issue, list, rotate and revoke API keys.",
        subcommands = {
            KeyCommands.Issue.class,
            KeyCommands.Listing.class,
            KeyCommands.Rotate.class,
            KeyCommands.Revoke.class
        })
final class KeyCommands extends Group {

    @Command(
            name = "issue",
            description = "Issue a key; its secret is shown once and nowhere else.",
            footer =
                    "%nExample:%n  atlas key issue --principal app-7 --role consumer --model"
                            + " 'atlas-*'")
    static final class Issue extends AtlasCommand {
        @Option(
                names = "--principal",
                required = true,
                paramLabel = "P",
                description = "who the key speaks for")
        private String principal = "";

        @Option(
                names = "--role",
                required = true,
                paramLabel = "R",
                description =
                        "consumer, operator, model_admin, security_admin, auditor, or a role of the"
                                + " policy file")
        private String role = "";

        @Option(
                names = "--model",
                paramLabel = "GLOB",
                description = "models the key reaches; may be repeated")
        private List<String> models = List.of();

        @Option(
                names = "--expires",
                paramLabel = "30d",
                description = "lifetime (default: ${DEFAULT-VALUE})",
                defaultValue = "30d")
        private String expires = "30d";

        @Option(
                names = "--source",
                paramLabel = "CIDR",
                description = "network it may be used from, IPv4 or IPv6; may be repeated")
        private List<String> sources = List.of();

        @Option(
                names = "--budget",
                paramLabel = "N/PERIOD",
                description = "model tokens it may use, such as 1000000/24h")
        private @Nullable String budget;

        @Option(
                names = "--rate",
                paramLabel = "N/PERIOD",
                description = "requests to models it may send, such as 60/1m")
        private @Nullable String rate;

        @Option(names = "--human", description = "the key speaks for a person, not a service")
        private boolean human;

        @Option(names = "--note", paramLabel = "TEXT", description = "what the key is for")
        private String note = "";

        @Override
        public Integer call() {
            ObjectNode request = Remote.object();
            request.put("principal", principal);
            request.putArray("roles").add(role);
            ArrayNode globs = request.putArray("models");
            models.forEach(globs::add);
            ArrayNode networks = request.putArray("sources");
            sources.forEach(networks::add);
            if (budget != null) {
                request.put("tokens", budget);
            }
            if (rate != null) {
                request.put("requests", rate);
            }
            request.put("kind", human ? "human" : "service");
            request.put("expires", expires);
            request.put("note", note);
            Remote control = Remote.control(shared(), Role.SECURITY_ADMIN);
            JsonNode issued = control.post("/api/v1/keys", request);
            terminal().object(issued);
            terminal().say("the key is shown this once; keep it where only its owner reads it");
            if (!granted(control)) {
                terminal()
                        .say(
                                "it reaches nothing until its principal is granted the role:"
                                        + " atlas role grant --principal "
                                        + principal
                                        + " --role "
                                        + role
                                        + (models.isEmpty()
                                                ? ""
                                                : " --model '" + models.getFirst() + "'"));
            }
            return Main.YES;
        }

        private boolean granted(Remote control) {
            for (JsonNode grant : control.read("/api/v1/grants").path("grants")) {
                if (grant.path("principal").asText().equals(principal)
                        && grant.path("role").asText().equals(role)) {
                    return true;
                }
            }
            return false;
        }
    }

    @Command(name = "list", description = "List keys, without secrets.")
    static final class Listing extends AtlasCommand {
        @Override
        public Integer call() {
            JsonNode keys =
                    Remote.control(shared(), Role.SECURITY_ADMIN).read("/api/v1/keys").path("keys");
            terminal()
                    .rows(
                            keys,
                            List.of(
                                    Column.field("ID", "id"),
                                    Column.field("PRINCIPAL", "principal"),
                                    Column.field("ROLES", "roles"),
                                    Column.field("MODELS", "models"),
                                    Column.field("STATE", "state"),
                                    Column.field("ENDS", "ends"),
                                    Column.field("LAST USED", "last_used")));
            remind(keys, "due", "has to be rotated by");
            remind(keys, "overdue", "works no more: it was to be rotated by");
            return Main.YES;
        }

        private void remind(JsonNode keys, String state, String what) {
            for (JsonNode key : keys) {
                if (key.path("state").asText().equals(state)) {
                    String id = key.path("id").asText();
                    String by = key.path(state.equals("due") ? "ends" : "rotate_by").asText();
                    terminal()
                            .say(
                                    "%s of %s %s %s: atlas key rotate %s --overlap 24h"
                                            .formatted(
                                                    id,
                                                    key.path("principal").asText(),
                                                    what,
                                                    by,
                                                    id));
                }
            }
        }
    }

    @Command(
            name = "rotate",
            description = "Issue a successor; the old key works on for the overlap.")
    static final class Rotate extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "the key's id")
        private String id = "";

        @Option(names = "--overlap", paramLabel = "24h", description = "how long both work")
        private @Nullable String overlap;

        @Override
        public Integer call() {
            ObjectNode request = Remote.object();
            if (overlap != null) {
                request.put("overlap", overlap);
            }
            terminal()
                    .object(
                            Remote.control(shared(), Role.SECURITY_ADMIN)
                                    .post(
                                            "/api/v1/keys/" + Remote.segment(id) + "/rotate",
                                            request));
            return Main.YES;
        }
    }

    @Command(name = "revoke", description = "Revoke a key, at once.")
    static final class Revoke extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "the key's id")
        private String id = "";

        @Override
        public Integer call() {
            terminal()
                    .object(
                            Remote.control(shared(), Role.SECURITY_ADMIN)
                                    .delete("/api/v1/keys/" + Remote.segment(id)));
            return Main.YES;
        }
    }
}
