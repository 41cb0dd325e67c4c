package atlas.cli;

import atlas.runtime.Config;
import atlas.runtime.ConfigException;
import atlas.runtime.ConfigProblem;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Configuration files. */
@Command(
        name = "config",
        description = "Check, resolve and describe atlas.yaml.",
        subcommands = {
            ConfigCommands.Check.class,
            ConfigCommands.Print.class,
            ConfigCommands.Schema.class
        })
final class ConfigCommands extends Group {

    @Command(
            name = "check",
            description = "Say everything that is wrong with a file: line, column, nearest name.",
            footer = "%nExample:%n  atlas config check atlas.yaml")
    static final class Check extends AtlasCommand {
        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "FILE",
                defaultValue = "atlas.yaml",
                description = "the file (default: ${DEFAULT-VALUE})")
        private Path file = Path.of("atlas.yaml");

        @Override
        public Integer call() {
            List<ConfigProblem> problems = new Settings(Optional.of(file)).problems();
            for (ConfigProblem problem : problems) {
                if (terminal().json()) {
                    ObjectNode line = Remote.object();
                    line.put("line", problem.line());
                    line.put("column", problem.column());
                    line.put("path", problem.path());
                    line.put("message", problem.message());
                    line.put("hint", problem.hint());
                    terminal().print(line.toString());
                } else {
                    terminal().print(file + ":" + problem);
                }
            }
            if (problems.isEmpty()) {
                terminal().say(file + " is accepted");
            }
            return problems.isEmpty() ? Main.YES : Main.NO;
        }
    }

    @Command(name = "print", description = "The file with every default filled in.")
    static final class Print extends AtlasCommand {
        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "FILE",
                defaultValue = "atlas.yaml",
                description = "the file (default: ${DEFAULT-VALUE})")
        private Path file = Path.of("atlas.yaml");

        @Override
        public Integer call() {
            try {
                terminal().stream(Config.print(file, Settings.sections(), System.getenv()));
            } catch (ConfigException e) {
                throw Stop.no(String.valueOf(e.getMessage()));
            }
            return Main.YES;
        }
    }

    @Command(name = "schema", description = "The JSON schema of the file.")
    static final class Schema extends AtlasCommand {
        @Override
        public Integer call() {
            terminal().print(Config.schema(Settings.sections()));
            return Main.YES;
        }
    }
}
