package atlas.node.engine.process;

import atlas.core.crypto.Hashes;
import atlas.node.engine.Capabilities;
import atlas.node.engine.EngineException;
import atlas.node.engine.EngineProvider;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.WeightFormat;
import atlas.node.engine.Weights;
import atlas.node.engine.remote.OpenAiInference;
import atlas.node.memory.SealedMemory;
import atlas.runtime.http.Headers;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import atlas.runtime.http.UpstreamException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Runs {@code llama-server} in a cage. The child gets the weights through a sealed memory file on
 * its standard input and answers on a unix socket; a fresh key keeps everyone else off it.
 */
public final class ProcessEngine implements EngineProvider {
    static final String SOCKET = "s";
    private static final long POLL_MILLIS = 50;

    private final Settings settings;
    private final Sandbox sandbox;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param command the engine with its first arguments; the first word is an absolute path
     * @param sha256 digest that the first word's file must have
     * @param socketDirectory where sockets lie
     * @param readyWithin how long loading may take
     * @param answerWithin how long an answer may take
     */
    public record Settings(
            List<String> command,
            String sha256,
            Path socketDirectory,
            int threads,
            Duration readyWithin,
            Duration answerWithin) {
        public Settings {
            command = List.copyOf(command);
        }
    }

    /** With the strongest cage that works here. */
    public ProcessEngine(Settings settings) {
        this.settings = settings;
        this.sandbox = Sandbox.strongest();
    }

    @Override
    public String id() {
        return "process";
    }

    @Override
    public Set<WeightFormat> formats() {
        return Set.of(WeightFormat.GGUF);
    }

    @Override
    public Optional<String> obstacle() {
        if (!SealedMemory.available()) {
            return Optional.of("the process engine needs Linux");
        }
        Path binary = Path.of(settings.command().getFirst());
        if (!Files.isExecutable(binary)) {
            return Optional.of("`" + binary + "` is not an executable file");
        }
        return digest(binary).equals(settings.sha256())
                ? Optional.empty()
                : Optional.of("`" + binary + "` does not have the configured digest");
    }

    private static String digest(Path file) {
        MessageDigest sha256 = Hashes.sha256();
        try (var in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha256.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw new EngineException("the engine's binary cannot be read", e);
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    @Override
    public InferenceEngine open(EngineSpec spec, Weights weights) throws EngineRefusal {
        if (weights.format() != WeightFormat.GGUF) {
            throw new EngineRefusal(
                    EngineRefusal.Kind.BAD_WEIGHTS, "the process engine reads GGUF files only");
        }
        Optional<String> obstacle = obstacle();
        if (obstacle.isPresent()) {
            throw new EngineException(obstacle.get(), null);
        }
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        String key = HexFormat.of().formatHex(secret);
        Path directory = Child.directory(settings.socketDirectory(), sandbox);
        Path socket = directory.resolve(SOCKET);
        Child child;
        try (SealedMemory memory = SealedMemory.of(weights.bytes())) {
            List<String> command = sandbox.command(arguments(spec, socket));
            child = Child.start(command, Map.of("LLAMA_API_KEY", key), directory, memory);
        }
        try {
            awaitReady(child, socket);
            return new ProcessInference(child, remote(spec, socket, key), sandbox);
        } catch (EngineRefusal | RuntimeException | Error e) {
            child.close();
            throw e;
        }
    }

    private List<String> arguments(EngineSpec spec, Path socket) {
        List<String> all = new ArrayList<>(settings.command());
        all.addAll(List.of("-m", "/proc/self/fd/0", "--host", socket.toString()));
        all.addAll(List.of("-np", Integer.toString(spec.maxStreams())));
        all.addAll(List.of("-t", Integer.toString(settings.threads())));
        int context = Math.multiplyExact(spec.contextTokens(), spec.maxStreams());
        all.addAll(List.of("-c", Integer.toString(context), "--no-kv-unified"));
        // Nothing is cached between requests: a shared prefix cache tells tenants apart by time.
        all.addAll(List.of("--no-cache-prompt", "-cram", "0", "--no-slots", "--no-ui"));
        all.addAll(List.of("--offline", "--alias", spec.alias()));
        return all;
    }

    private UpstreamConfig upstream(Path socket, int connections) {
        return new UpstreamConfig(
                "engine process",
                "localhost",
                0,
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(5),
                settings.answerWithin(),
                Duration.ofSeconds(30),
                connections,
                Optional.of(socket));
    }

    private InferenceEngine remote(EngineSpec spec, Path socket, String key) {
        String isolation = sandbox.isolatesNetwork() ? "sandboxed" : "child process";
        Capabilities capabilities =
                new Capabilities(
                        true, true, false, false, spec.contextTokens(), isolation, "verified");
        return new OpenAiInference(
                Upstream.open(upstream(socket, spec.maxStreams())),
                Headers.of("authorization", "Bearer " + key),
                spec.alias(),
                capabilities,
                spec.maxStreams(),
                settings.answerWithin());
    }

    private void awaitReady(Child child, Path socket) throws EngineRefusal {
        long until = System.nanoTime() + settings.readyWithin().toNanos();
        try (Upstream probe = Upstream.open(upstream(socket, 1))) {
            while (System.nanoTime() < until) {
                if (child.endsWithin(POLL_MILLIS)) {
                    throw new EngineRefusal(
                            EngineRefusal.Kind.BAD_WEIGHTS,
                            "the engine ended while it was loading the weights");
                }
                if (Files.exists(socket) && healthy(probe)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException("interrupted while the engine was loading", e);
        }
        throw new EngineException("the engine was not ready in time", null);
    }

    private static boolean healthy(Upstream probe) {
        Duration patience = Duration.ofSeconds(2);
        try (var answer = probe.send("GET", "/health", Headers.none(), new byte[0], patience)) {
            return answer.status() == 200;
        } catch (UpstreamException e) {
            return false; // not listening yet
        }
    }
}
