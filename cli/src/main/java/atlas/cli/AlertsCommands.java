package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the detectors raised. */
@Command(
        name = "alerts",
        description = "List, follow and answer alerts.",
        subcommands = {
            AlertsCommands.Listing.class,
            AlertsCommands.Tail.class,
            AlertsCommands.Acknowledge.class,
            AlertsCommands.FalsePositive.class
        })
final class AlertsCommands extends Group {
    private static final String ALERTS = "/api/v1/alerts";
    private static final List<Column> COLUMNS =
            List.of(
                    Column.field("ID", "id"),
                    Column.field("RAISED", "raised"),
                    Column.field("SEVERITY", "severity"),
                    Column.field("RULE", "rule"),
                    Column.field("PRINCIPAL", "principal"),
                    Column.field("SEEN BY", "acknowledged_by"),
                    Column.field("WHY", "explanation"));

    @Command(name = "list", description = "Alerts, newest first.")
    static final class Listing extends AtlasCommand {
        @Override
        public Integer call() {
            terminal()
                    .rows(
                            Remote.control(shared(), Role.AUDITOR).read(ALERTS).path("alerts"),
                            COLUMNS);
            return Main.YES;
        }
    }

    @Command(
            name = "tail",
            description = "The newest alerts; with --follow, new ones as they are raised.")
    static final class Tail extends AtlasCommand {
        @Option(
                names = {"-n", "--lines"},
                paramLabel = "N",
                description = "how many (default: ${DEFAULT-VALUE})",
                defaultValue = "20")
        private int lines = 20;

        @CommandLine.Mixin private final Following following = new Following();

        private final Set<String> shown = new HashSet<>();

        @Override
        public Integer call() {
            Remote control = Remote.control(shared(), Role.AUDITOR);
            // The place in the log comes first: what is raised from here on is in the stream.
            long size = control.read("/api/v1/journal/health").path("size").asLong();
            List<JsonNode> alerts = new ArrayList<>();
            control.read(ALERTS).path("alerts").forEach(alerts::add);
            List<JsonNode> newest = alerts.subList(0, Math.clamp(lines, 0, alerts.size()));
            alerts.forEach(alert -> shown.add(alert.path("id").asText()));
            terminal().rows(newest.reversed(), COLUMNS);
            if (!following.wanted()) {
                return Main.YES;
            }
            following.follow(
                    shared(),
                    "/api/v1/events?kind=alert.raised",
                    size > 0 ? OptionalLong.of(size - 1) : OptionalLong.empty(),
                    this::show);
            return Main.UNKNOWN;
        }

        private void show(JsonNode entry) {
            JsonNode event = entry.path("event");
            if (shown.add(event.path("alert_id").asText())) {
                ObjectNode alert = Remote.object();
                alert.set("id", event.path("alert_id"));
                for (String field :
                        List.of("rule", "severity", "principal", "explanation", "evidence")) {
                    alert.set(field, event.path(field));
                }
                alert.set("raised", entry.path("when"));
                terminal().line(alert, COLUMNS);
            }
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

    @Command(
            name = "false-positive",
            description = {
                "Say that there was nothing: acknowledges the alert,",
                "and its rule is slower to speak of this principal."
            })
    static final class FalsePositive extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "the alert's id")
        private String id = "";

        @Override
        public Integer call() {
            terminal()
                    .object(
                            Remote.control(shared(), Role.SECURITY_ADMIN)
                                    .post(
                                            "/api/v1/alerts/"
                                                    + Remote.segment(id)
                                                    + "/false-positive",
                                            Remote.object()));
            return Main.YES;
        }
    }
}
