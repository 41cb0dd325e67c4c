package atlas.gateway;

import atlas.core.ModelRef;
import atlas.runtime.http.EdgeLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The {@code gateway} section of {@code atlas.yaml}.
 *
 * @param listenAddress where the data plane listens
 * @param record what of prompts and answers is kept in the journal, which seals it: {@code full},
 *     {@code redacted}, {@code hash} or {@code none}
 * @param maxRecordedChars text kept of one prompt or answer; longer ones are cut and say so
 * @param answerTimeout how long an engine may take to begin its answer
 * @param maxAnswerBytes the largest whole answer taken from an engine
 * @param strangersPerMinute refusals of one address journaled one by one in a minute
 * @param nodes our own inference nodes, which verify what they load
 * @param engines remote OpenAI-compatible engines, which cannot prove their weights
 */
public record GatewayConfig(
        String listenAddress,
        int listenPort,
        String record,
        int maxRecordedChars,
        Duration answerTimeout,
        int maxAnswerBytes,
        int strangersPerMinute,
        EdgeLimits limits,
        List<Node> nodes,
        List<Engine> engines) {
    public GatewayConfig {
        require(listenPort >= 0 && listenPort <= 65_535, "`listen-port` is 0 to 65535");
        require(
                List.of("full", "redacted", "hash", "none").contains(record),
                "`record` is `full`, `redacted`, `hash` or `none`");
        require(maxRecordedChars >= 0, "`max-recorded-chars` is not negative");
        require(answerTimeout.isPositive(), "`answer-timeout` is longer than nothing");
        require(maxAnswerBytes >= 1024, "`max-answer-bytes` is at least 1024");
        require(strangersPerMinute >= 0, "`strangers-per-minute` is not negative");
        nodes = List.copyOf(nodes);
        engines = List.copyOf(engines);
        require(
                engines.stream().map(Engine::model).distinct().count() == engines.size(),
                "each model has at most one remote engine");
    }

    /**
     * One of our nodes, reached over mTLS and recognised by its SPIFFE ID.
     *
     * @param maxConnections requests that may be under way at once
     */
    public record Node(String name, String host, int port, String spiffeId, int maxConnections) {}

    /**
     * An OpenAI-compatible engine of somebody else.
     *
     * @param model the name callers use
     * @param engineModel the name the engine uses
     * @param plaintext without TLS, which is accepted on loopback only
     * @param trust PEM file of the authorities that may vouch for the engine; the system's if
     *     absent
     * @param key file with the engine's API key
     * @param inputModalities content besides text that it takes: {@code image}, {@code audio}
     */
    public record Engine(
            String model,
            String engineModel,
            String host,
            int port,
            boolean plaintext,
            Optional<Path> trust,
            Optional<Path> key,
            List<String> inputModalities,
            int maxConnections) {
        public Engine {
            require(ModelRef.isName(model), "not a model name: `" + model + "`");
            inputModalities = List.copyOf(inputModalities);
        }
    }

    /** Loopback, everything recorded, nothing to forward to yet. */
    public static GatewayConfig defaults() {
        return new GatewayConfig(
                "127.0.0.1",
                8443,
                "full",
                4 << 20,
                Duration.ofSeconds(120),
                16 << 20,
                10,
                EdgeLimits.defaults(),
                List.of(),
                List.of());
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }
}
