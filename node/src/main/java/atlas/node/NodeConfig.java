package atlas.node;

import atlas.runtime.http.EdgeLimits;
import java.time.Duration;
import java.util.List;

/**
 * The {@code node} section of {@code atlas.yaml}.
 *
 * @param name how this node is called in the journal
 * @param listenPort 0 takes any free one
 * @param maxModels models loaded at the same time
 * @param maxContextTokens most tokens of prompt and answer together
 * @param maxStreams requests a model works on at the same time
 * @param maxWaiting requests that may wait for a model; more are refused
 * @param maxAnswerTokens most tokens of any answer
 * @param temperature used when a request names none
 * @param loadOnDemand whether a model that is deployed is loaded by its first request
 * @param reverifyEvery how often the bytes that run are hashed again
 * @param undumpable whether the process refuses core dumps and tracing by its own user
 * @param onnx whether ONNX models are served, by native code inside this process
 * @param processEngine models that {@code llama-server} runs instead of the embedded engine
 */
public record NodeConfig(
        String name,
        String listenAddress,
        int listenPort,
        int maxModels,
        int maxContextTokens,
        int maxStreams,
        int maxWaiting,
        int maxAnswerTokens,
        double temperature,
        boolean loadOnDemand,
        Duration reverifyEvery,
        boolean undumpable,
        boolean onnx,
        EdgeLimits limits,
        List<ProcessEngine> processEngine) {
    public NodeConfig {
        require(!name.isEmpty(), "`name` must not be empty");
        require(listenPort >= 0 && listenPort <= 65_535, "`listen-port` is 0 to 65535");
        require(maxModels >= 1, "`max-models` is at least 1");
        require(maxContextTokens >= 16, "`max-context-tokens` is at least 16");
        require(maxStreams >= 1, "`max-streams` is at least 1");
        require(maxWaiting >= 0, "`max-waiting` is not negative");
        require(maxAnswerTokens >= 1, "`max-answer-tokens` is at least 1");
        require(temperature >= 0 && temperature <= 2, "`temperature` is between 0 and 2");
        require(
                reverifyEvery.compareTo(Duration.ofMinutes(1)) >= 0,
                "`reverify-every` is at least 1m");
        processEngine = List.copyOf(processEngine);
    }

    /**
     * A native engine for some models.
     *
     * @param models glob of model names
     * @param binary the engine, as an absolute path
     * @param sha256 digest that the binary must have, in hex
     * @param socketDirectory where its socket lies; only this process may enter it
     * @param threads how many threads it computes with
     */
    public record ProcessEngine(
            String models, String binary, String sha256, String socketDirectory, int threads) {
        public ProcessEngine {
            require(binary.startsWith("/"), "`binary` must be an absolute path");
            require(sha256.matches("[0-9a-f]{64}"), "`sha256` has 64 lower-case hex digits");
            require(threads >= 1, "`threads` is at least 1");
        }
    }

    /** A node on loopback, on any free port, with the embedded engine only. */
    public static NodeConfig defaults() {
        return new NodeConfig(
                "node-1",
                "127.0.0.1",
                0,
                4,
                4096,
                8,
                64,
                2048,
                0.7,
                true,
                Duration.ofHours(1),
                true,
                false,
                EdgeLimits.defaults(),
                List.of());
    }

    /** The same under another name. */
    public NodeConfig named(String other) {
        return new NodeConfig(
                other,
                listenAddress,
                listenPort,
                maxModels,
                maxContextTokens,
                maxStreams,
                maxWaiting,
                maxAnswerTokens,
                temperature,
                loadOnDemand,
                reverifyEvery,
                undumpable,
                onnx,
                limits,
                processEngine);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
