package atlas.control;

import java.time.Duration;
import java.util.Optional;

/**
 * How the control plane listens.
 *
 * @param listenAddress the address to bind; loopback unless said otherwise
 * @param listenPort 0 picks a free one
 * @param maxBodyBytes the largest body, and so the largest chunk of an upload
 * @param maxUploadBytes the largest model that can be uploaded
 * @param drainPatience how long calls under way may take when the process ends
 * @param internalPort where gateways and nodes of other processes are answered, over mutual TLS
 *     only; not at all when absent, and {@code atlas up} needs none
 * @param internalAddress the address to bind for them
 */
public record ControlConfig(
        String listenAddress,
        int listenPort,
        int maxBodyBytes,
        long maxUploadBytes,
        Duration drainPatience,
        Optional<Integer> internalPort,
        String internalAddress) {
    public ControlConfig {
        if (listenPort < 0 || listenPort > 65535) {
            throw new IllegalArgumentException("`listen-port` is between 0 and 65535");
        }
        if (internalPort.isPresent() && (internalPort.get() < 0 || internalPort.get() > 65535)) {
            throw new IllegalArgumentException("`internal-port` is between 0 and 65535");
        }
        if (maxBodyBytes < 64 << 10 || maxBodyBytes > 64 << 20) {
            throw new IllegalArgumentException("`max-body-bytes` is between 64KiB and 64MiB");
        }
        if (maxUploadBytes < 1) {
            throw new IllegalArgumentException("`max-upload-bytes` is positive");
        }
    }

    /** The same with a listener for others. */
    public ControlConfig withInternalPort(int port) {
        return new ControlConfig(
                listenAddress,
                listenPort,
                maxBodyBytes,
                maxUploadBytes,
                drainPatience,
                Optional.of(port),
                internalAddress);
    }

    /** Loopback, port 9443. */
    public static ControlConfig defaults() {
        return new ControlConfig(
                "127.0.0.1",
                9443,
                8 << 20,
                64L << 30,
                Duration.ofSeconds(10),
                Optional.empty(),
                "127.0.0.1");
    }
}
