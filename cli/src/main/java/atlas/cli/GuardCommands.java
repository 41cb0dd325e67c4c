package atlas.cli;

import atlas.guard.GuardConfig;
import atlas.guard.GuardFiles;
import atlas.guard.OutputFilter;
import atlas.guard.PromptGuard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The guard on files: no network, no home. */
@Command(
        name = "guard",
        description = "Score prompts and redact outputs, offline.",
        subcommands = {GuardCommands.Score.class, GuardCommands.Redact.class})
final class GuardCommands extends Group {

    @Command(
            name = "score",
            description = "Give each line's `text` a score, a verdict and findings.",
            footer = "%nExample:%n  atlas guard score --input prompts.jsonl --output scored.jsonl")
    static final class Score extends FileCommand {
        @Override
        void run(Path in, Path out) throws IOException {
            files().score(in, out);
        }
    }

    @Command(
            name = "redact",
            description = "Run each line's `text` through the output filter.",
            footer = "%nExample:%n  atlas guard redact --input answers.jsonl --output clean.jsonl")
    static final class Redact extends FileCommand {
        @Override
        void run(Path in, Path out) throws IOException {
            files().redact(in, out);
        }
    }

    abstract static class FileCommand implements Callable<Integer> {
        @Option(
                names = "--input",
                required = true,
                paramLabel = "F.jsonl",
                description = "JSON Lines, each with a `text`")
        private Path input = Path.of("");

        @Option(
                names = "--output",
                required = true,
                paramLabel = "G.jsonl",
                description = "where the lines go, other fields kept")
        private Path target = Path.of("");

        static GuardFiles files() {
            GuardConfig config = GuardConfig.defaults();
            return new GuardFiles(PromptGuard.load(config), OutputFilter.load(config));
        }

        abstract void run(Path in, Path out) throws IOException;

        @Override
        public final Integer call() throws IOException {
            run(input, target);
            return Main.YES;
        }
    }
}
