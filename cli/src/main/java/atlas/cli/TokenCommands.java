package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Short-lived tokens, and taking credentials back. */
@Command(
        name = "token",
        description = "Get a short-lived token; revoke tokens and what they rest on.",
        subcommands = {
            TokenCommands.Issue.class,
            TokenCommands.Revoke.class,
            TokenCommands.Listing.class
        })
final class TokenCommands extends Group {

    @Command(
            name = "issue",
            description = "Exchange your credential for a token of minutes (RFC 8693).",
            footer = "%nExample:%n  atlas token issue --role consumer --model 'atlas-*'")
    static final class Issue extends AtlasCommand {
        @Option(names = "--role", paramLabel = "R", description = "only this role; may be repeated")
        private List<String> roles = List.of();

        @Option(
                names = "--model",
                paramLabel = "GLOB",
                description = "only these models; may be repeated")
        private List<String> models = List.of();

        @Option(
                names = "--audience",
                paramLabel = "PLANE",
                description = "`gateway` (default) or `control`",
                defaultValue = "gateway")
        private String audience = "gateway";

        @Override
        public Integer call() {
            if (audience.equals("control") && roles.isEmpty() && models.isEmpty()) {
                return atControl();
            }
            Map<String, String> form = new LinkedHashMap<>();
            form.put("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
            form.put("audience", audience);
            List<String> scope = new ArrayList<>();
            roles.forEach(role -> scope.add("role:" + role));
            models.forEach(model -> scope.add("model:" + model));
            if (!scope.isEmpty()) {
                form.put("scope", String.join(" ", scope));
            }
            Role own = audience.equals("control") ? Role.SECURITY_ADMIN : Role.CONSUMER;
            JsonNode answer = Remote.gateway(shared(), own).form("/oauth2/token", form);
            if (terminal().json()) {
                terminal().object(answer);
            } else {
                terminal().print(answer.path("access_token").asText());
                terminal()
                        .say(
                                "a "
                                        + answer.path("token_type").asText()
                                        + " token for "
                                        + answer.path("expires_in").asLong()
                                        + " s: "
                                        + answer.path("scope").asText());
            }
            return Main.YES;
        }

        // Gateways of their own give tokens for themselves alone; this one is given where it
        // counts.
        private int atControl() {
            ObjectNode request = Remote.object();
            request.put("audience", audience);
            JsonNode answer =
                    Remote.control(shared(), Role.SECURITY_ADMIN).post("/api/v1/tokens", request);
            if (terminal().json()) {
                terminal().object(answer);
            } else {
                terminal().print(answer.path("access_token").asText());
                terminal()
                        .say(
                                "a "
                                        + answer.path("token_type").asText()
                                        + " token for "
                                        + answer.path("expires_in").asLong()
                                        + " s");
            }
            return Main.YES;
        }
    }

    @Command(
            name = "revoke",
            description = "Take credentials back, at once and everywhere.",
            footer = "%nExample:%n  atlas token revoke --principal app-7 --reason 'left'")
    static final class Revoke extends AtlasCommand {
        /** What to revoke. */
        static final class What {
            @Option(names = "--token", paramLabel = "ID", description = "one token, by its `jti`")
            @Nullable String token;

            @Option(
                    names = "--principal",
                    paramLabel = "P",
                    description = "everything of a principal that was issued until now")
            @Nullable String principal;

            @Option(names = "--key", paramLabel = "ID", description = "a key and its tokens")
            @Nullable String key;

            @Option(
                    names = "--grant",
                    paramLabel = "P",
                    description = "tokens of a principal with the role of --role")
            @Nullable String grant;

            @Option(names = "--everything", description = "every token, and the signing key")
            boolean everything;
        }

        @ArgGroup(multiplicity = "1")
        private What what = new What();

        @Option(names = "--role", paramLabel = "R", description = "with --grant: the role")
        private @Nullable String role;

        @Option(names = "--reason", paramLabel = "TEXT", description = "why; journaled")
        private String reason = "";

        @Override
        public Integer call() {
            ObjectNode request = Remote.object();
            name(request, "token", what.token);
            name(request, "principal", what.principal);
            name(request, "key", what.key);
            name(request, "grant", what.grant);
            if (what.everything) {
                request.put("kind", "everything");
                confirm("This ends every token of this installation.");
            }
            if (role != null) {
                request.put("role", role);
            }
            request.put("reason", reason);
            terminal()
                    .object(
                            Remote.control(shared(), Role.SECURITY_ADMIN)
                                    .post("/api/v1/revocations", request));
            return Main.YES;
        }

        private static void name(ObjectNode request, String kind, @Nullable String id) {
            if (id != null) {
                request.put("kind", kind);
                request.put("id", id);
            }
        }
    }

    @Command(name = "list", description = "List what is revoked and not yet forgotten.")
    static final class Listing extends AtlasCommand {
        @Override
        public Integer call() {
            JsonNode revoked =
                    Remote.control(shared(), Role.SECURITY_ADMIN)
                            .read("/api/v1/revocations")
                            .path("revocations");
            terminal()
                    .rows(
                            revoked,
                            List.of(
                                    Column.field("epoch", "epoch"),
                                    Column.field("kind", "kind"),
                                    Column.field("id", "id"),
                                    Column.field("since", "since"),
                                    Column.field("reason", "reason")));
            return Main.YES;
        }
    }
}
