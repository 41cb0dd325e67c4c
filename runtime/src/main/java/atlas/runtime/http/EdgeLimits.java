package atlas.runtime.http;

import java.time.Duration;

/**
 * What a stranger may cost the edge. Times: {@code headerTimeout} and {@code bodyTimeout} are for
 * the whole header and the whole body, {@code idleTimeout} for a connection without a request,
 * {@code writeTimeout} for a client that takes less than 32 KiB in that time while bytes wait.
 */
public record EdgeLimits(
        int maxHeaderBytes,
        int maxBodyBytes,
        Duration handshakeTimeout,
        Duration headerTimeout,
        Duration bodyTimeout,
        Duration idleTimeout,
        Duration writeTimeout,
        int maxConnections,
        int maxConnectionsPerSource,
        int maxConcurrentStreams) {

    public EdgeLimits {
        atLeast("max-header-bytes", maxHeaderBytes, 1024);
        atLeast("max-body-bytes", maxBodyBytes, 0);
        atLeast("max-connections", maxConnections, 1);
        atLeast("max-connections-per-source", maxConnectionsPerSource, 1);
        atLeast("max-concurrent-streams", maxConcurrentStreams, 1);
        positive("handshake-timeout", handshakeTimeout);
        positive("header-timeout", headerTimeout);
        positive("body-timeout", bodyTimeout);
        positive("idle-timeout", idleTimeout);
        positive("write-timeout", writeTimeout);
    }

    /** Limits that suit a gateway on a small machine. */
    public static EdgeLimits defaults() {
        return new EdgeLimits(
                32 << 10,
                4 << 20,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(75),
                Duration.ofSeconds(30),
                10_000,
                512,
                100);
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException("`" + name + "` must be at least " + least);
        }
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("`" + name + "` must be longer than nothing");
        }
    }
}
