package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CommandLineTest {
    private static final Path REFERENCE = Path.of("..", "docs", "reference", "cli.md");

    @TempDir Path temp;

    @Test
    void unknownCommandsAndOptionsAreUsageErrors() {
        assertThat(Shell.run("fly").status()).isEqualTo(Main.USAGE);
        assertThat(Shell.run("journal", "verify", "--fast").status()).isEqualTo(Main.USAGE);
        assertThat(Shell.run("journal").status()).isEqualTo(Main.USAGE);
        assertThat(Shell.run().status()).isEqualTo(Main.USAGE);
    }

    @Test
    void nothingRunningIsCouldNotTell() {
        Shell.Said said = Shell.run("--home", temp.toString(), "whoami");

        assertThat(said.status()).isEqualTo(Main.UNKNOWN);
        assertThat(said.err()).contains("atlas up");
        assertThat(said.out()).isEmpty();
    }

    @Test
    void aMissingJournalIsCouldNotTell() {
        assertThat(Shell.run("--home", temp.toString(), "journal", "verify").status())
                .isEqualTo(Main.UNKNOWN);
    }

    @Test
    void plainHttpServersAreRefused() {
        Shell.Said said = Shell.run("--control", "http://localhost:1", "whoami");

        assertThat(said.status()).isEqualTo(Main.USAGE);
        assertThat(said.err()).contains("https");
    }

    @Test
    void whatIsNoAddressIsAUsageError() {
        for (String text :
                new String[] {"https://a b", "https://", "https:localhost", "localhost"}) {
            Shell.Said said = Shell.run("--control", text, "--credential", "none", "whoami");

            assertThat(said.status()).as(text).isEqualTo(Main.USAGE);
            assertThat(said.err()).contains("`" + text + "`");
        }
    }

    @Test
    void globalOptionsWorkBeforeAndAfterTheCommand() throws IOException {
        Path model = Files.createDirectory(temp.resolve("model"));
        Files.writeString(model.resolve("README.md"), "# A model\n");

        assertThat(Shell.run("--output", "json", "model", "scan", model.toString()).out())
                .isEqualTo(Shell.run("model", "scan", model.toString(), "--output", "json").out())
                .startsWith("{");
    }

    @Test
    void configurationMistakesNameThePlaceAndTheNearestKey() throws IOException {
        Path file = Files.writeString(temp.resolve("atlas.yaml"), "gateway:\n  listen-prot: 1\n");
        Shell.Said said = Shell.run("config", "check", file.toString());

        assertThat(said.status()).isEqualTo(Main.NO);
        assertThat(said.out()).contains("2:").contains("listen-port");
    }

    @Test
    void anEmptyConfigurationIsAcceptedAndPrintsEveryDefault() throws IOException {
        Path file = Files.writeString(temp.resolve("atlas.yaml"), "gateway: {}\n");

        assertThat(Shell.run("config", "check", file.toString()).status()).isZero();
        assertThat(Shell.run("config", "print", file.toString()).out())
                .contains("listen-port: 8443")
                .contains("trust-domain");
        assertThat(Shell.run("config", "schema").out()).contains("\"gateway\"");
    }

    @Test
    void terminalControlCharactersInDataAreNotObeyed() {
        assertThat(Terminal.safe("a\u001b[2Jb\u009bc\nd")).isEqualTo("a\ufffd[2Jb\ufffdc\nd");
        assertThat(JournalReading.forPeople(Remote.object().put("prompt", "a\u009b2Jb")))
                .contains("a\ufffd2Jb");
    }

    /** The reference is what {@code --help} says; write it with {@code -Datlas.golden=write}. */
    @Test
    void theReferenceIsWhatHelpSays() throws IOException {
        StringBuilder page = new StringBuilder("# The atlas command\n\n");
        page.append("Generated from the command itself. `NO_COLOR` is honoured.\n");
        write(Main.commandLine(), "atlas", page);
        if ("write".equals(System.getProperty("atlas.golden"))) {
            Files.writeString(REFERENCE, page);
        }
        assertThat(Files.readString(REFERENCE)).isEqualTo(page.toString());
    }

    private static void write(CommandLine command, String name, StringBuilder page) {
        String usage =
                command.setUsageHelpWidth(96)
                        .getUsageMessage(CommandLine.Help.Ansi.OFF)
                        .lines()
                        .map(String::stripTrailing)
                        .reduce("", (a, b) -> a + b + "\n");
        page.append("\n## ").append(name).append("\n\n```text\n").append(usage).append("```\n");
        command.getSubcommands().forEach((verb, sub) -> write(sub, name + " " + verb, page));
    }

    @Test
    void readingOnlyTheCommandThatIsNamedReadsItAsAmongAll() {
        Main.commandLine()
                .getSubcommands()
                .forEach((name, among) -> {
                    CommandLine alone = Main.commandLine("--output", "json", name, "x");
                    assertThat(alone.getSubcommands()).containsOnlyKeys(name);
                    assertThat(
                                    pages(
                                            Objects.requireNonNull(
                                                    alone.getSubcommands().get(name)),
                                            name))
                            .isEqualTo(pages(among, name));
                    // Help, and what names no command or may name any, is about all of them.
                    for (String[] about :
                            new String[][] {{name, "--help"}, {}, {"fly"}, {name, "@more"}}) {
                        assertThat(Main.commandLine(about).getSubcommands()).hasSizeGreaterThan(1);
                    }
                });
    }

    private static String pages(CommandLine command, String name) {
        StringBuilder page = new StringBuilder();
        write(command, name, page);
        return page.toString();
    }

    @Test
    void everyCommandSaysWhatItDoes() {
        describe(Main.commandLine());
    }

    private static void describe(CommandLine command) {
        assertThat(List.of(command.getCommandSpec().usageMessage().description()))
                .as(command.getCommandName())
                .isNotEmpty()
                .allMatch(line -> Pattern.compile("\\S").matcher(line).find());
        command.getSubcommands().values().forEach(CommandLineTest::describe);
    }
}
