package atlas.cli;

import atlas.control.TrustRoot;
import atlas.core.Role;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The credentials of the first day. */
@Command(
        name = "bootstrap",
        description = "The short-lived first credentials.",
        subcommands = {BootstrapCommands.Remove.class, BootstrapCommands.Renew.class})
final class BootstrapCommands extends Group {

    @Command(
            name = "remove",
            description = "Revoke the bootstrap credentials and delete their file.")
    static final class Remove extends AtlasCommand {
        @Override
        public Integer call() {
            confirm("This revokes every bootstrap key; make sure you have issued your own.");
            terminal()
                    .object(
                            Remote.control(shared(), Role.SECURITY_ADMIN)
                                    .delete("/api/v1/bootstrap"));
            return Main.YES;
        }
    }

    @Command(
            name = "renew",
            description =
                    "Make new ones in place of the old, for who is locked out. Atlas must not run;"
                            + " the home is opened directly.",
            footer = "%nExample:%n  atlas bootstrap renew")
    static final class Renew extends AtlasCommand {
        // What a home has once its trust root is complete: opening another would make one.
        private static final String MADE = "trust-root.json";

        @Option(names = "--config", paramLabel = "atlas.yaml", description = "a configuration file")
        private @Nullable Path config;

        @Override
        public Integer call() {
            Path home = shared().home();
            if (!Files.isRegularFile(home.resolve(MADE))) {
                throw Stop.unknown("no trust root in `" + home + "`; `atlas up` makes one");
            }
            Settings settings = new Settings(Optional.ofNullable(config));
            try (TrustRoot trust =
                    TrustRoot.openOrCreate(
                            home, Installation.trustRoot(settings), Clock.systemUTC())) {
                trust.renewBootstrap();
                ObjectNode made = Remote.object();
                made.put("credentials", home.resolve("bootstrap.json").toString());
                trust.bootstrapExpires().ifPresent(end -> made.put("expires", end.toString()));
                terminal().object(made);
            }
            return Main.YES;
        }
    }
}
