package atlas.cli;

import atlas.guard.GuardCalibration;
import atlas.guard.GuardConfig;
import atlas.guard.GuardFiles;
import atlas.guard.GuardScorecard;
import atlas.guard.OutputFilter;
import atlas.guard.PromptGuard;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The guard on files: no network, no home. */
@Command(
        name = "guard",
        description = "Score prompts, redact outputs, measure, calibrate and attack the guard.",
        subcommands = {
            GuardCommands.Score.class,
            GuardCommands.Redact.class,
            GuardCommands.Measure.class,
            GuardCommands.Calibrate.class,
            GuardAttack.class
        })
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

    @Command(
            name = "scorecard",
            description = {
                "Measure the guard on a folder of labelled JSON Lines (*.jsonl, *.jsonl.gz).",
                "Each line has a `text` and a `label`, 1 for an attack, and may have `source`,"
                        + " `category`, `lang` and `channel`. Rows of a file named dev* fix the"
                        + " threshold at 1 % of harmless texts."
            },
            footer = "%nExample:%n  atlas guard scorecard ./labelled --output json")
    static final class Measure extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "DIR", description = "the folder")
        private Path folder = Path.of("");

        @Override
        public Integer call() throws IOException {
            if (!Files.isDirectory(folder)) {
                throw Stop.unknown("there is no folder " + folder);
            }
            GuardScorecard card =
                    GuardScorecard.of(folder, PromptGuard.load(GuardConfig.defaults()));
            terminal().stream(terminal().json() ? card.json() + "\n" : card.markdown());
            return Main.YES;
        }
    }

    @Command(
            name = "calibrate",
            description = {
                "Fit the guard's thresholds on your own harmless traffic.",
                "Writes a file that `guard.thresholds` in atlas.yaml can name. A kind of channel"
                        + " with too few texts keeps the shipped thresholds."
            },
            footer = "%nExample:%n  atlas guard calibrate --input traffic.jsonl --write guard.json")
    static final class Calibrate extends AtlasCommand {
        @Option(
                names = "--input",
                required = true,
                paramLabel = "F.jsonl",
                description =
                        "JSON Lines, each with a `text`, and a `channel` or `role` where known; a"
                                + " `label` of 1 leaves a line out")
        private Path input = Path.of("");

        @Option(
                names = "--false-positives",
                paramLabel = "P%",
                defaultValue = "1%",
                description = "texts that may be flagged (default: ${DEFAULT-VALUE})")
        private String flagged = "";

        @Option(
                names = "--blocked",
                paramLabel = "P%",
                defaultValue = "0.3%",
                description = "texts that may be blocked (default: ${DEFAULT-VALUE})")
        private String blocked = "";

        @Option(
                names = "--write",
                required = true,
                paramLabel = "FILE",
                description = "where the thresholds go")
        private Path target = Path.of("");

        @Override
        public Integer call() throws IOException {
            GuardCalibration calibration =
                    new GuardCalibration(PromptGuard.load(GuardConfig.defaults()));
            double few = Math.min(share(blocked), share(flagged));
            List<JsonNode> rows = new ArrayList<>();
            for (GuardCalibration.Line line : calibration.run(input, share(flagged), few, target)) {
                rows.add(
                        Remote.object()
                                .put("channel", line.channel())
                                .put("texts", line.texts())
                                .put("fitted", line.fitted())
                                .put("flag", line.flag())
                                .put("block", line.block()));
            }
            terminal()
                    .rows(
                            rows,
                            List.of(
                                    Terminal.Column.field("CHANNEL", "channel"),
                                    Terminal.Column.field("TEXTS", "texts"),
                                    Terminal.Column.field("FITTED", "fitted"),
                                    Terminal.Column.field("FLAG", "flag"),
                                    Terminal.Column.field("BLOCK", "block")));
            return Main.YES;
        }

        private static double share(String text) {
            try {
                double share = Double.parseDouble(text.replaceFirst("%$", "")) / 100;
                if (text.endsWith("%") && share > 0 && share < 0.5) {
                    return share;
                }
            } catch (NumberFormatException e) {
                throw Stop.usage("`" + text + "` is not a share of texts, as 1%");
            }
            throw Stop.usage("`" + text + "` is not a share of texts from 0% to 50%, as 1%");
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
