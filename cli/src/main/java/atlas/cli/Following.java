package atlas.cli;

import atlas.core.Role;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** What every command has that can follow the log. */
final class Following {
    @Option(
            names = {"-f", "--follow"},
            description =
                    "go on with live activity until interrupted; when the stream ends, from the"
                            + " log after the last entry shown")
    private boolean follow;

    @Option(
            names = "--retry",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "how long to try to go on before it counts as lost, exit status 3 (default:"
                            + " ${DEFAULT-VALUE})")
    private int retry = 30;

    boolean wanted() {
        return follow;
    }

    /** Gives every entry after {@code last} to {@code each}; ends only by failing. */
    void follow(Shared shared, String path, OptionalLong last, Consumer<JsonNode> each) {
        new LiveEvents(
                        () -> Remote.control(shared, Role.AUDITOR),
                        path,
                        last,
                        Duration.ofSeconds(Math.max(0, retry)))
                .follow(each);
    }
}
