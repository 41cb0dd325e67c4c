package atlas.registry.oms;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Map;

/**
 * Whom a verification trusts, by our own names.
 *
 * @param authorities roots whose certificates for code signing count
 * @param clock certificates must be valid at its time
 */
public record TrustPolicy(
        Map<String, PublicKey> keys, Map<String, X509Certificate> authorities, Clock clock) {
    public TrustPolicy {
        keys = Map.copyOf(keys);
        authorities = Map.copyOf(authorities);
    }

    /** One bare key. */
    public static TrustPolicy key(String name, PublicKey key, Clock clock) {
        return new TrustPolicy(Map.of(name, key), Map.of(), clock);
    }

    /** One authority. */
    public static TrustPolicy authority(String name, X509Certificate root, Clock clock) {
        return new TrustPolicy(Map.of(), Map.of(name, root), clock);
    }
}
