package atlas.cli;

import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The key hierarchy. */
@Command(
        name = "vault",
        description = "See and turn the keys that seal data at rest.",
        subcommands = {
            VaultCommands.Status.class,
            VaultCommands.Rotate.class,
            VaultCommands.Rekey.class
        })
final class VaultCommands extends Group {

    @Command(name = "status", description = "The key hierarchy, its versions and ages.")
    static final class Status extends AtlasCommand {
        @Override
        public Integer call() {
            JsonNode status = Remote.control(shared(), Role.SECURITY_ADMIN).read("/api/v1/vault");
            if (terminal().json()) {
                terminal().object(status);
                return Main.YES;
            }
            JsonNode kek = status.path("kek");
            terminal()
                    .print(
                            "KEK     "
                                    + kek.path("uri").asText()
                                    + (kek.path("available").asBoolean() ? "" : "  NOT AVAILABLE"));
            terminal().print("        " + Terminal.safe(kek.path("note").asText()));
            if (status.has("withheld")) {
                terminal()
                        .print(
                                "        WITHHELD, nothing is sealed or opened: "
                                        + Terminal.safe(status.path("withheld").asText()));
            }
            for (JsonNode tenant : status.path("tenants")) {
                terminal().print("tenant  " + tenant.path("tenant").asText() + versions(tenant));
                for (JsonNode purpose : tenant.path("purposes")) {
                    terminal().print("  " + purpose.path("purpose").asText() + versions(purpose));
                }
            }
            return Main.YES;
        }

        private static String due(JsonNode key) {
            return key.path("overdue").asBoolean() ? ", due to be rotated" : "";
        }

        private static String versions(JsonNode holder) {
            StringBuilder text = new StringBuilder();
            for (JsonNode key : holder.path("keys")) {
                text.append("  v")
                        .append(key.path("version").asInt())
                        .append(key.path("current").asBoolean() ? " (current, " : " (")
                        .append(key.path("age_seconds").asLong() / 86400)
                        .append(" d")
                        .append(due(key))
                        .append(')');
            }
            return text.toString();
        }
    }

    @Command(
            name = "rotate",
            description = {
                "Make a new version of a key; what older versions sealed still opens.",
                "Without --purpose the tenant's own key is replaced, and all below put under it."
            })
    static final class Rotate extends AtlasCommand {
        @Option(
                names = "--purpose",
                paramLabel = "P",
                description = "journal, weights, store, tokens, trust_root or embeddings")
        private String purpose = "";

        @Override
        public Integer call() {
            ObjectNode request = Remote.object();
            if (!purpose.isEmpty()) {
                request.put("purpose", purpose);
            }
            terminal()
                    .object(
                            Remote.control(shared(), Role.SECURITY_ADMIN)
                                    .post("/api/v1/vault/rotate", request));
            return Main.YES;
        }
    }

    @Command(
            name = "rekey",
            description = {
                "Put all keys under another key encryption key, without a pause.",
                "The former one is needed no more, except for backups made under it."
            })
    static final class Rekey extends AtlasCommand {
        @Option(
                names = "--to",
                required = true,
                paramLabel = "KEK-URI",
                description =
                        "file:…, pkcs11:… (RFC 7512), vault-transit:…, aws-kms:…, gcp-kms:… or"
                                + " azure-kv:…")
        private String to = "";

        @Override
        public Integer call() {
            ObjectNode request = Remote.object();
            request.put("to", to);
            JsonNode done =
                    Remote.control(shared(), Role.SECURITY_ADMIN)
                            .post("/api/v1/vault/rekey", request);
            terminal().object(done);
            if (done.has("warning")) {
                terminal().say("warning: " + Terminal.safe(done.path("warning").asText()));
            }
            return Main.YES;
        }
    }
}
