package atlas.cli;

import atlas.watch.Replay;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The detectors on files: no network, no home. */
@Command(
        name = "watch",
        description = "Run the detectors on recorded events, offline.",
        subcommands = WatchCommands.OnRecord.class)
final class WatchCommands extends Group {

    @Command(
            name = "replay",
            description = "Say what looks wrong in a stream of recorded events, one alert a line.",
            footer = "%nExample:%n  atlas watch replay --input events.csv.gz --output alerts.jsonl")
    static final class OnRecord implements Callable<Integer> {
        @Spec private @Nullable CommandSpec spec;

        @Option(
                names = "--input",
                required = true,
                paramLabel = "F.csv[.gz]",
                description = "events as CSV with a header, in the order of time")
        private Path input = Path.of("");

        @Option(
                names = "--output",
                required = true,
                paramLabel = "G.jsonl",
                description = "where the alerts go")
        private Path target = Path.of("");

        @Override
        public Integer call() throws IOException {
            Replay.Summary done = Replay.run(input, target);
            var err = Objects.requireNonNull(spec, "picocli sets the spec").commandLine().getErr();
            err.println("%d events, %d alerts".formatted(done.events(), done.alerts()));
            err.flush();
            return Main.YES;
        }
    }
}
