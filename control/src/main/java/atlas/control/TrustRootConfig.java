package atlas.control;

import atlas.identity.ApiKeys.Cadence;
import atlas.registry.TrustedSigners;
import java.time.Duration;
import java.util.List;

/**
 * What the trust root is made for.
 *
 * @param trustDomain the SPIFFE trust domain; fixed at first start
 * @param serverNames DNS names and IP literals the gateway and the control plane answer to, beside
 *     {@code localhost}, {@code 127.0.0.1} and {@code ::1}
 * @param bootstrapLifetime how long the first credentials work
 * @param certificateLifetime how long issued certificates hold; new ones are made at each start
 * @param signers whose model signatures count, beside the demo model's
 * @param keys how often API keys have to be rotated
 * @param keeping how the journal and the vault are kept
 */
public record TrustRootConfig(
        String trustDomain,
        List<String> serverNames,
        Duration bootstrapLifetime,
        Duration certificateLifetime,
        TrustedSigners signers,
        Cadence keys,
        HomeConfig keeping) {
    public TrustRootConfig {
        serverNames = List.copyOf(serverNames);
        if (!bootstrapLifetime.isPositive()
                || bootstrapLifetime.compareTo(Duration.ofDays(7)) > 0) {
            throw new IllegalArgumentException(
                    "`bootstrap-lifetime` is between a moment and 7d, not `"
                            + bootstrapLifetime
                            + "`");
        }
        if (certificateLifetime.compareTo(Duration.ofHours(1)) < 0
                || certificateLifetime.compareTo(Duration.ofDays(90)) > 0) {
            throw new IllegalArgumentException(
                    "`certificate-lifetime` is between 1h and 90d, not `"
                            + certificateLifetime
                            + "`");
        }
    }

    /**
     * One machine: reachable on loopback, first credentials for a day, certificates for a month.
     */
    public static TrustRootConfig defaults() {
        return new TrustRootConfig(
                "atlas.internal",
                List.of(),
                Duration.ofHours(24),
                Duration.ofDays(30),
                TrustedSigners.none(),
                Cadence.defaults(),
                HomeConfig.defaults());
    }
}
