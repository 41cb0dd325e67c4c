package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.core.Role;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What the detectors raised. */
@Command(
        name = "alerts",
        description = "List and acknowledge alerts.",
        subcommands = {AlertsCommands.Listing.class, AlertsCommands.Acknowledge.class})
final class AlertsCommands extends Group {

    @Command(name = "list", description = "Alerts, newest first.")
    static final class Listing extends AtlasCommand {
        @Override
        public Integer call() {
            terminal()
                    .rows(
                            Remote.control(shared(), Role.AUDITOR)
                                    .read("/api/v1/alerts")
                                    .path("alerts"),
                            List.of(
                                    Column.field("ID", "id"),
                                    Column.field("RAISED", "raised"),
                                    Column.field("SEVERITY", "severity"),
                                    Column.field("RULE", "rule"),
                                    Column.field("PRINCIPAL", "principal"),
                                    Column.field("SEEN BY", "acknowledged_by"),
                                    Column.field("WHY", "explanation")));
            return Main.YES;
        }
    }

    @Command(name = "ack", description = "Say that an alert has been seen.")
    static final class Acknowledge extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "the alert's id")
        private String id = "";

        @Override
        public Integer call() {
            terminal()
                    .object(
                            Remote.control(shared(), Role.SECURITY_ADMIN)
                                    .post(
                                            "/api/v1/alerts/" + Remote.segment(id) + "/ack",
                                            Remote.object()));
            return Main.YES;
        }
    }
}
