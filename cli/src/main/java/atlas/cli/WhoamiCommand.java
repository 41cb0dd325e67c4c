package atlas.cli;

import atlas.core.Role;
import picocli.CommandLine.Command;

/** Who the server thinks you are. */
@Command(
        name = "whoami",
        description =
                "Show who the server thinks you are, your roles and when the credential ends.")
final class WhoamiCommand extends AtlasCommand {
    @Override
    public Integer call() {
        terminal().object(Remote.control(shared(), Role.AUDITOR).read("/api/v1/whoami"));
        return Main.YES;
    }
}
