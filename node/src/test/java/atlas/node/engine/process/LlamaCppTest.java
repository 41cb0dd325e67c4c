package atlas.node.engine.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import atlas.core.crypto.Hashes;
import atlas.node.engine.EngineContract;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.ModelFiles;
import atlas.node.engine.Weights;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * llama.cpp itself in the cage, with the model we ship as a sealed memory file: everything that is
 * asked of every engine. A small server stands around it, in {@code e2e/llama}.
 */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class LlamaCppTest extends EngineContract {
    private static final Path SERVER = Path.of("../e2e/llama");
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir private static Path directory;

    private final Weights weights = ModelFiles.weights(ModelFiles.demo());
    private InferenceEngine engine;

    @BeforeAll
    void open() throws Exception {
        assumeThat(SERVER.resolve("node_modules/node-llama-cpp"))
                .as("npm install in e2e/llama")
                .isDirectory();
        Optional<Path> node =
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .map(part -> Path.of(part, "node"))
                        .filter(Files::isExecutable)
                        .findFirst();
        assumeThat(node).isPresent();
        Path binary = node.orElseThrow().toRealPath();
        // The child may be another user, who must be able to read what it runs.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path server = directory.resolve("server");
        copy(server);
        ProcessEngine provider =
                new ProcessEngine(
                        new ProcessEngine.Settings(
                                List.of(binary.toString(), server.resolve("engine.mjs").toString()),
                                Hashes.sha256(Files.readAllBytes(binary)).hex(),
                                directory.resolve("run"),
                                1,
                                PATIENCE,
                                PATIENCE));
        engine = provider.open(new EngineSpec("demo", 1024, 4, 0), weights);
    }

    @AfterAll
    void close() {
        if (engine != null) {
            engine.close();
        }
        weights.close();
    }

    @Override
    protected InferenceEngine engine() {
        return engine;
    }

    /** All but the sources of llama.cpp, which nobody builds here. */
    private static void copy(Path target) throws IOException {
        try (Stream<Path> all = Files.walk(SERVER)) {
            for (Path from : all.filter(path -> !path.toString().endsWith(".bundle")).toList()) {
                Path to = target.resolve(SERVER.relativize(from).toString());
                if (Files.isDirectory(from)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(from, to);
                }
            }
        }
    }

    @Test
    void runsInTheStrongestCageThereIs() {
        assertThat(engine.health().detail()).contains(Sandbox.strongest().name());
        assertThat(engine.capabilities().weights()).isEqualTo("verified");
    }
}
