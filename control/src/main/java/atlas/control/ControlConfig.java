package atlas.control;

import java.time.Duration;

/**
 * How the control plane listens.
 *
 * @param listenAddress the address to bind; loopback unless said otherwise
 * @param listenPort 0 picks a free one
 * @param maxBodyBytes the largest body, and so the largest chunk of an upload
 * @param maxUploadBytes the largest model that can be uploaded
 * @param drainPatience how long calls under way may take when the process ends
 */
public record ControlConfig(
        String listenAddress,
        int listenPort,
        int maxBodyBytes,
        long maxUploadBytes,
        Duration drainPatience) {
    public ControlConfig {
        if (listenPort < 0 || listenPort > 65535) {
            throw new IllegalArgumentException("`listen-port` is between 0 and 65535");
        }
        if (maxBodyBytes < 64 << 10 || maxBodyBytes > 64 << 20) {
            throw new IllegalArgumentException("`max-body-bytes` is between 64KiB and 64MiB");
        }
        if (maxUploadBytes < 1) {
            throw new IllegalArgumentException("`max-upload-bytes` is positive");
        }
    }

    /** Loopback, port 9443. */
    public static ControlConfig defaults() {
        return new ControlConfig("127.0.0.1", 9443, 8 << 20, 64L << 30, Duration.ofSeconds(10));
    }
}
