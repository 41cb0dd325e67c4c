package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One {@code atlas serve ROLE} in a process of its own. */
final class Serving implements AutoCloseable {
    private final Path home;
    private final Process process;
    private final JsonNode ready;

    private Serving(Path home, Process process, JsonNode ready) {
        this.home = home;
        this.process = process;
        this.ready = ready;
    }

    /** Starts a role; {@code input} is what it reads. Returns when it is ready. */
    static Serving start(Path home, String role, String input, String... more) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Running.root().resolve("atlas").toString(),
                                "--home",
                                home.toString(),
                                "--output",
                                "json",
                                "serve",
                                role));
        command.addAll(List.of(more));
        Path log = home.resolveSibling(home.getFileName() + ".log");
        Process process =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line;
        while ((line = out.readLine()) != null) {
            JsonNode event = Running.JSON.readTree(line);
            if (event.path("event").asText().equals("ready")) {
                Thread.startVirtualThread(() -> Running.drain(out));
                return new Serving(home, process, event);
            }
        }
        process.waitFor();
        throw new AssertionError(role + " ended without being ready:\n" + Files.readString(log));
    }

    /** Where a role listens. */
    URI at(String role, String path) {
        return URI.create(ready.path(role).asText() + path);
    }

    int port(String role) {
        return at(role, "").getPort();
    }

    long pid() {
        return process.pid();
    }

    Path home() {
        return home;
    }

    Path ca() {
        return Path.of(ready.path("ca").asText());
    }

    /** Stops the process where it is: connections stay open, nothing is answered. */
    void stall() throws Exception {
        signal("STOP");
    }

    /** Lets a stalled process go on. */
    void goOn() throws Exception {
        signal("CONT");
    }

    private void signal(String name) throws Exception {
        for (ProcessHandle one :
                java.util.stream.Stream.concat(
                                java.util.stream.Stream.of(process.toHandle()),
                                process.descendants())
                        .toList()) {
            Process kill = new ProcessBuilder("kill", "-" + name, "" + one.pid()).start();
            assertThat(kill.waitFor()).isZero();
        }
    }

    /** Pulls the plug: no shutdown hook runs. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() {
        Running.end(process);
    }
}
