package atlas.cli;

import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How far the rollout of zero trust has come, by what is measured now. */
@Command(
        name = "posture",
        description = {
            "Measure how far the rollout of zero trust has come.",
            "Each task is bound to a check that acts and looks at what comes of it; what a file"
                    + " claims is not believed. Ends with 1 when a task that is claimed, or was"
                    + " proven before, does not hold."
        },
        footer = "%nExample:%n  atlas posture --rollout zero-trust-rollout.yaml")
final class PostureCommand extends AtlasCommand {
    private static final String PATH = "/api/v1/posture";

    @Option(
            names = "--rollout",
            paramLabel = "FILE",
            description = "phases and tasks (default: the standard rollout)")
    private @Nullable Path rollout;

    @Option(names = "--last", description = "show what was measured last, and measure nothing")
    private boolean last;

    @Option(
            names = "--report",
            paramLabel = "FILE.html",
            description = "also write a page to print")
    private @Nullable Path report;

    @Override
    public Integer call() throws IOException {
        Remote control = Remote.control(shared(), Role.SECURITY_ADMIN);
        JsonNode posture = last ? control.read(PATH) : measured(control);
        if (report != null) {
            Files.writeString(report, control.readText(PATH + "/report"));
        }
        if (terminal().json()) {
            terminal().object(posture);
        } else {
            posture.path("phases").forEach(this::print);
            terminal()
                    .print(
                            "measured "
                                    + posture.path("measured").asText()
                                    + ", to be relied on until "
                                    + posture.path("expires").asText());
        }
        return posture.path("holds").asBoolean() ? Main.YES : Main.NO;
    }

    private JsonNode measured(Remote control) throws IOException {
        ObjectNode request = Remote.object();
        Path file = rollout;
        if (file != null) {
            try {
                request.put("rollout", Files.readString(file));
            } catch (IOException e) {
                throw Stop.usage("`" + file + "` cannot be read: " + e.getMessage());
            }
        }
        terminal().say("atlas: measuring ...");
        return control.post(PATH, request);
    }

    private void print(JsonNode phase) {
        terminal()
                .print(
                        "phase %d  %s%s"
                                .formatted(
                                        phase.path("phase").asInt(),
                                        Terminal.safe(phase.path("name").asText()),
                                        phase.path("proven").asBoolean() ? "  (proven)" : ""));
        for (JsonNode task : phase.path("tasks")) {
            terminal()
                    .print(
                            "  %-11s  %s"
                                    .formatted(
                                            task.path("state").asText().replace('_', ' '),
                                            Terminal.safe(task.path("task").asText())));
            terminal().print("               " + Terminal.safe(task.path("summary").asText()));
            for (JsonNode seen : task.path("evidence")) {
                if (!seen.path("holds").asBoolean()) {
                    terminal()
                            .print("               - " + Terminal.safe(seen.path("what").asText()));
                }
            }
        }
    }
}
