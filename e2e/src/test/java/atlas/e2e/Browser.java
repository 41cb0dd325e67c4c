package atlas.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A script of {@code e2e/js} that drives a real Chromium and says what it sees, line by line. */
final class Browser implements AutoCloseable {
    private final Process process;
    private final BufferedReader said;
    private final Writer ear;
    private final Path errors;

    private Browser(Process process, Path errors) {
        this.process = process;
        this.said = process.inputReader();
        this.ear = process.outputWriter();
        this.errors = errors;
    }

    static Browser run(String script, String... arguments) throws IOException {
        Peers.need("chromium");
        Peers.needSdk("playwright-core");
        List<String> command = new ArrayList<>(List.of("node", script));
        command.addAll(List.of(arguments));
        Path errors = Files.createTempFile("atlas-browser", ".err");
        Process process =
                new ProcessBuilder(command)
                        .directory(Running.root().resolve("e2e/js").toFile())
                        .redirectError(errors.toFile())
                        .start();
        return new Browser(process, errors);
    }

    /** The next thing seen, which must be this event. */
    JsonNode next(String event) throws IOException {
        String line = said.readLine();
        if (line == null || !Running.JSON.readTree(line).path("event").asText().equals(event)) {
            throw new AssertionError(
                    "the browser should have come to `"
                            + event
                            + "` but said "
                            + line
                            + "\n"
                            + Files.readString(errors));
        }
        return Running.JSON.readTree(line);
    }

    /** Lets a waiting script go on. */
    void tell() throws IOException {
        ear.write("go on\n");
        ear.flush();
    }

    @Override
    public void close() throws IOException {
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(errors);
    }
}
