package atlas.node.engine.process;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import atlas.core.crypto.Hashes;
import atlas.core.json.Json;
import atlas.node.dialect.StandIn;
import atlas.node.engine.EngineContract;
import atlas.node.engine.EngineException;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.ModelFiles;
import atlas.node.engine.Weights;
import atlas.node.engine.embedded.EmbeddedEngine;
import atlas.runtime.http.Headers;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import com.fasterxml.jackson.core.JsonFactory;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * The launcher, the sealed weights and the cage, with a stand-in for {@code llama-server}: a Java
 * program that takes the same arguments and speaks the same HTTP.
 */
@EnabledOnOs(OS.LINUX)
class ProcessEngineTest extends EngineContract {
    private static final EngineSpec SPEC = new EngineSpec("demo", 1024, 4, 0);

    @TempDir private static Path directory;

    private final Weights weights = ModelFiles.weights(ModelFiles.demo());
    private ProcessEngine provider;
    private InferenceEngine engine;

    @BeforeAll
    void open() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        provider = new ProcessEngine(settings(sha256(java())));
        engine = provider.open(SPEC, weights);
    }

    @AfterAll
    void close() {
        engine.close();
        weights.close();
    }

    @Override
    protected InferenceEngine engine() {
        return engine;
    }

    private static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    private static String sha256(Path file) throws IOException {
        return Hashes.sha256(Files.readAllBytes(file)).hex();
    }

    /** The child may be another user, who must be able to read what it runs. */
    private static String classPath() throws Exception {
        List<String> copies = new ArrayList<>();
        for (Class<?> of :
                List.of(
                        StandIn.class,
                        EmbeddedEngine.class,
                        Json.class,
                        JsonFactory.class,
                        LoggerFactory.class)) {
            Path from = Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
            Path to = directory.resolve(copies.size() + "-" + from.getFileName());
            copy(from, to);
            copies.add(to.toString());
        }
        return String.join(File.pathSeparator, copies);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a)
                            throws IOException {
                        Files.createDirectories(to.resolve(from.relativize(dir).toString()));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes a)
                            throws IOException {
                        String relative = from.relativize(file).toString();
                        Path target = relative.isEmpty() ? to : to.resolve(relative);
                        Files.write(target, Files.readAllBytes(file));
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private static ProcessEngine.Settings settings(String sha256) throws Exception {
        return settings(sha256, directory.resolve("run"), classPath());
    }

    private static ProcessEngine.Settings settings(String sha256, Path run, String classPath) {
        List<String> command =
                List.of(
                        java().toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:-UsePerfData",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        classPath,
                        StandIn.class.getName());
        Duration patience = Duration.ofMinutes(1);
        return new ProcessEngine.Settings(command, sha256, run, 1, patience, patience);
    }

    private static Path socket() throws IOException {
        try (var all = Files.list(directory.resolve("run"))) {
            return all.findFirst().orElseThrow().resolve("s");
        }
    }

    @Test
    void theChildHasItsWeightsAsAMemoryFileAndNothingElse() throws Exception {
        List<String> about = about();
        assertThat(about).contains("weights /memfd:atlas-weights (deleted)");
        assertThat(about)
                .filteredOn(fact -> fact.startsWith("env "))
                .containsOnly("env LLAMA_API_KEY");
        Sandbox sandbox = Sandbox.strongest();
        if (!sandbox.prefix().isEmpty()) {
            assertThat(about).contains("NoNewPrivs: 1");
        }
        if (sandbox.isolatesNetwork()) {
            assertThat(about).filteredOn(f -> f.startsWith("net ")).containsOnly("net lo");
            assertThat(about).contains("CapEff: 0000000000000000");
            assertThat(engine.capabilities().isolation()).isEqualTo("sandboxed");
        }
        if (sandbox.otherUser()) {
            assertThat(about).contains("Uid: 65534 65534 65534 65534");
        }
        assertThat(engine.health().detail()).contains(sandbox.name());
    }

    @Test
    void leavesNoProcessBehindWhenItCloses() throws Exception {
        Set<ProcessHandle> before = ProcessHandle.current().descendants().collect(toSet());
        InferenceEngine another = provider.open(SPEC, weights);
        Set<ProcessHandle> started = ProcessHandle.current().descendants().collect(toSet());
        started.removeAll(before);

        another.close();

        assertThat(started).isNotEmpty().noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void theEngineEndsWithWhatSurroundsIt() throws Exception {
        assumeThat(Sandbox.strongest().isolatesNetwork()).isTrue();
        Set<ProcessHandle> before = ProcessHandle.current().descendants().collect(toSet());
        InferenceEngine another = provider.open(SPEC, weights);
        Set<ProcessHandle> started = ProcessHandle.current().descendants().collect(toSet());
        started.removeAll(before);
        Set<ProcessHandle> direct = ProcessHandle.current().children().collect(toSet());

        started.stream().filter(direct::contains).forEach(ProcessHandle::destroyForcibly);

        for (ProcessHandle process : started) {
            process.onExit().get(20, TimeUnit.SECONDS);
        }
        another.close();
    }

    @Test
    void theEngineEndsWithANodeThatIsKilled() throws Exception {
        assumeThat(Sandbox.strongest().prefix()).isNotEmpty();
        Process node =
                new ProcessBuilder(
                                java().toString(),
                                "-Xmx128m",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                EngineOwner.class.getName(),
                                directory.resolve("killed").toString(),
                                sha256(java()),
                                classPath())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out = node.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("serving");
            // The thread that opened the engine has ended by now, and the engine lives on.
            List<ProcessHandle> engine = node.descendants().toList();
            assertThat(engine).isNotEmpty().allMatch(ProcessHandle::isAlive);

            node.toHandle().destroyForcibly();

            for (ProcessHandle process : engine) {
                assertThat(process.onExit())
                        .as("%s, of %s", process.info(), engine)
                        .succeedsWithin(120, TimeUnit.SECONDS);
            }
        } finally {
            node.descendants().forEach(ProcessHandle::destroyForcibly);
            node.destroyForcibly();
        }
    }

    /** A process that has an engine and ends only when it is killed. */
    static final class EngineOwner {
        public static void main(String[] arguments) throws Exception {
            ProcessEngine.Settings settings =
                    settings(arguments[1], Path.of(arguments[0]), arguments[2]);
            Weights weights = ModelFiles.weights(ModelFiles.demo());
            Thread opening =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    new ProcessEngine(settings).open(SPEC, weights);
                                } catch (EngineRefusal e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            opening.join();
            try (var out = new FileOutputStream(FileDescriptor.out)) {
                out.write("serving\n".getBytes(StandardCharsets.US_ASCII));
            }
            new CountDownLatch(1).await();
        }
    }

    private static List<String> about() throws Exception {
        Duration patience = Duration.ofSeconds(20);
        UpstreamConfig config =
                new UpstreamConfig(
                        "probe",
                        "localhost",
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        patience,
                        patience,
                        patience,
                        1,
                        Optional.of(socket()));
        try (Upstream probe = Upstream.open(config);
                var answer = probe.send("GET", "/about", Headers.none(), new byte[0], patience)) {
            String text = new String(answer.body(1 << 16), StandardCharsets.UTF_8);
            return text.lines().toList();
        }
    }

    @Test
    void startsNoBinaryOfAnotherDigest() throws Exception {
        ProcessEngine other = new ProcessEngine(settings("0".repeat(64)));
        assertThat(other.obstacle()).hasValueSatisfying(o -> assertThat(o).contains("digest"));
        assertThatThrownBy(() -> other.open(SPEC, weights)).isInstanceOf(EngineException.class);
    }

    @Test
    void refusesWeightsThatTheEngineCannotLoad() {
        try (Weights broken = ModelFiles.weights(new byte[100])) {
            assertThatThrownBy(() -> provider.open(SPEC, broken))
                    .isInstanceOf(EngineRefusal.class)
                    .hasMessageContaining("while it was loading");
        }
    }
}
