package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;

/** Every {@code atlas} command line in the documentation is one the command understands. */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of("..");

    @TestFactory
    Stream<DynamicTest> documentedCommandsAreUnderstood() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md"))
                    .filter(page -> !page.endsWith(Path.of("reference", "cli.md")))
                    .sorted()
                    .forEach(pages::add);
        }
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : pages) {
            for (String line : commands(Files.readAllLines(page))) {
                tests.add(
                        DynamicTest.dynamicTest(
                                ROOT.relativize(page) + ": " + line, () -> understood(line)));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    private static void understood(String line) {
        CommandLine command = Main.commandLine();
        CommandLine.ParseResult parsed = command.parseArgs(words(line).toArray(String[]::new));
        assertThat(parsed.errors()).isEmpty();
    }

    /** Lines of shell blocks that start with atlas; continued lines are joined. */
    private static List<String> commands(List<String> page) {
        List<String> found = new ArrayList<>();
        boolean shell = false;
        StringBuilder line = new StringBuilder();
        for (String text : page) {
            if (text.strip().startsWith("```")) {
                shell = !shell && List.of("```sh", "```bash", "```console").contains(text.strip());
                continue;
            }
            if (!shell) {
                continue;
            }
            String part = text.strip();
            boolean goesOn = part.endsWith("\\");
            line.append(goesOn ? part.substring(0, part.length() - 1) + " " : part);
            if (!goesOn) {
                String whole = line.toString().replaceFirst("^\\$ ", "");
                if (whole.matches("(\\./)?atlas .*")) {
                    found.add(whole.replaceFirst("^(\\./)?atlas ", ""));
                }
                line.setLength(0);
            }
        }
        return found;
    }

    /** Splits as a shell would, up to the first pipe, redirection, list operator or comment. */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean open = false;
        char quote = 0;
        for (char c : line.toCharArray()) {
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
                open = true;
            } else if (c == ' ' || "|<>;&#".indexOf(c) >= 0) {
                if (open || !word.isEmpty()) {
                    words.add(word.toString());
                    word.setLength(0);
                    open = false;
                }
                if (c != ' ') {
                    return words;
                }
            } else {
                word.append(c);
            }
        }
        if (open || !word.isEmpty()) {
            words.add(word.toString());
        }
        return words;
    }
}
