package atlas.control;

import atlas.control.enrol.SvidRules;
import atlas.core.Glob;
import java.time.Duration;
import java.util.List;
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
 * @param admit which SPIFFE IDs are gateways and nodes without joining; where there are any, nobody
 *     joins with a token
 */
public record ControlConfig(
        String listenAddress,
        int listenPort,
        int maxBodyBytes,
        long maxUploadBytes,
        Duration drainPatience,
        Optional<Integer> internalPort,
        String internalAddress,
        List<Admitted> admit) {
    public ControlConfig {
        admit = List.copyOf(admit);
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

    /** Joined with tokens alone. */
    public ControlConfig(
            String listenAddress,
            int listenPort,
            int maxBodyBytes,
            long maxUploadBytes,
            Duration drainPatience,
            Optional<Integer> internalPort,
            String internalAddress) {
        this(
                listenAddress,
                listenPort,
                maxBodyBytes,
                maxUploadBytes,
                drainPatience,
                internalPort,
                internalAddress,
                List.of());
    }

    /**
     * Gateways and nodes of a pattern.
     *
     * @param spiffeId such as {@code spiffe://prod.example/gateway/*}; the path's second part is
     *     the name
     * @param serverNames DNS names and addresses that the certificate for people's clients carries,
     *     beside localhost
     */
    public record Admitted(String spiffeId, List<String> serverNames) {
        public Admitted {
            serverNames = List.copyOf(serverNames);
            if (!spiffeId.matches("spiffe://[a-z0-9._-]+/(gateway|node)/[a-z0-9*-]+")) {
                throw new IllegalArgumentException(
                        "`spiffe-id` is `spiffe://TRUST-DOMAIN/gateway/NAME` or `.../node/NAME`,"
                                + " and `*` in the name stands for any, not `"
                                + spiffeId
                                + "`");
            }
        }
    }

    SvidRules svidRules() {
        return new SvidRules(
                admit.stream()
                        .map(a -> new SvidRules.Rule(new Glob(a.spiffeId), a.serverNames))
                        .toList());
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
                internalAddress,
                admit);
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
