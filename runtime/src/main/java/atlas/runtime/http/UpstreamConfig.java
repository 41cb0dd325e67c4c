package atlas.runtime.http;

import atlas.core.WorkloadId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where requests are sent and how the peer is recognised: by its SPIFFE ID when {@code
 * expectedPeer} is present, else by host name. Without {@code tls} only a loopback address or a
 * unix socket is accepted.
 */
public record UpstreamConfig(
        String name,
        String host,
        int port,
        Optional<TlsIdentity> tls,
        Optional<WorkloadId> expectedPeer,
        Duration connectTimeout,
        Duration responseTimeout,
        Duration idleTimeout,
        int maxConnections,
        Optional<Path> unixSocket) {
    public UpstreamConfig {
        if (maxConnections < 1) {
            throw new IllegalArgumentException("`max-connections` must be at least 1");
        }
        if (unixSocket.isEmpty() && (port < 1 || port > 65535)) {
            throw new IllegalArgumentException("`port` must be between 1 and 65535");
        }
        if (tls.isPresent() && tls.get().trust().isEmpty()) {
            throw new IllegalArgumentException("upstream TLS needs a trust anchor");
        }
        if (expectedPeer.isPresent() && tls.isEmpty()) {
            throw new IllegalArgumentException("an expected peer needs TLS to be recognised");
        }
    }
}
