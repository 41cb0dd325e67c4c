package atlas.control;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The {@code witness} section: a witness of other logs, and how it is reached.
 *
 * @param name what its cosignatures are signed as, a URL without scheme by custom, such as {@code
 *     witness.example/w1}; fixed at first start
 * @param logs the verifier keys of the logs it knows; their names are the logs' origins
 * @param listenAddress the address to bind; loopback unless said otherwise
 * @param listenPort 0 picks a free one
 * @param serverNames DNS names and addresses it answers to, beside localhost
 * @param clientCa where given, only clients with a certificate of these authorities are answered
 * @param certificateLifetime how long its own certificate holds; it is renewed at half of it
 * @param drainPatience how long calls under way may take when the process ends
 */
public record WitnessConfig(
        Optional<String> name,
        List<String> logs,
        String listenAddress,
        int listenPort,
        List<String> serverNames,
        Optional<Path> clientCa,
        Duration certificateLifetime,
        Duration drainPatience) {
    public WitnessConfig {
        logs = List.copyOf(logs);
        serverNames = List.copyOf(serverNames);
        if (listenPort < 0 || listenPort > 65535) {
            throw new IllegalArgumentException("`listen-port` is between 0 and 65535");
        }
        if (certificateLifetime.compareTo(Duration.ofHours(1)) < 0
                || certificateLifetime.compareTo(Duration.ofDays(90)) > 0) {
            throw new IllegalArgumentException("`certificate-lifetime` is between 1h and 90d");
        }
    }

    /** Loopback, port 9447, no log. */
    public static WitnessConfig defaults() {
        return new WitnessConfig(
                Optional.empty(),
                List.of(),
                "127.0.0.1",
                9447,
                List.of(),
                Optional.empty(),
                Duration.ofDays(30),
                Duration.ofSeconds(10));
    }
}
