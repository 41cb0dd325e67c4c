package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code tools/verify_journal.py}, run as anybody would. */
final class IndependentVerifier {
    private static final Pattern BROKEN =
            Pattern.compile("broken: (?:entry (\\d+): )?(.*) \\(([^()]+)\\)");

    private IndependentVerifier() {}

    /** What it said of one directory. */
    record Said(String line) {
        boolean holds() {
            return line.startsWith("holds: ");
        }

        OptionalLong entry() {
            Matcher matcher = BROKEN.matcher(line);
            return matcher.matches() && matcher.group(1) != null
                    ? OptionalLong.of(Long.parseLong(matcher.group(1)))
                    : OptionalLong.empty();
        }

        /** The file it names; empty when it did not find the directory broken. */
        String where() {
            Matcher matcher = BROKEN.matcher(line);
            return matcher.matches() ? matcher.group(3) : "";
        }
    }

    /** Runs it. */
    record Outcome(int status, List<String> lines) {
        /** The verdict on a directory that was one of several. */
        Said of(Path directory) {
            String prefix = directory + ": ";
            return new Said(
                    lines.stream()
                            .filter(line -> line.startsWith(prefix))
                            .map(line -> line.substring(prefix.length()))
                            .findFirst()
                            .orElse("nothing was said"));
        }
    }

    static Outcome run(List<String> arguments) throws IOException, InterruptedException {
        return run("verify_journal.py", arguments);
    }

    /** Runs a program of {@code tools/}. */
    static Outcome run(String program, List<String> arguments)
            throws IOException, InterruptedException {
        Optional<Path> python = python();
        if (python.isEmpty() && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("python3 is needed to check the journal independently");
        }
        assumeTrue(python.isPresent(), "python3 is not here");
        List<String> command = new ArrayList<>();
        command.add(python.orElseThrow().toString());
        command.add(tool(program).toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), said.lines().toList());
    }

    private static Path tool(String program) {
        Path script = Path.of("../tools", program).toAbsolutePath().normalize();
        assertThat(script).exists();
        return script;
    }

    private static Optional<Path> python() {
        for (String directory : String.valueOf(System.getenv("PATH")).split(":")) {
            Path python = Path.of(directory, "python3");
            if (Files.isExecutable(python)) {
                return Optional.of(python);
            }
        }
        return Optional.empty();
    }
}
