package atlas.cli;

import atlas.core.Role;
import picocli.CommandLine.Command;

/** The credentials of the first day. */
@Command(
        name = "bootstrap",
        description = "The short-lived first credentials.",
        subcommands = {BootstrapCommands.Remove.class})
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
}
