package atlas.registry.oms;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * Whom a verification trusts, by our own names.
 *
 * @param authorities roots whose certificates for code signing count
 * @param identities whose keyless signatures count
 * @param sigstore what keyless and logged signatures are checked against; empty is the public
 *     instance
 * @param clock certificates must be valid at its time
 */
public record TrustPolicy(
        Map<String, PublicKey> keys,
        Map<String, X509Certificate> authorities,
        Map<String, KeylessIdentity> identities,
        Optional<SigstoreRoot> sigstore,
        Clock clock) {
    public TrustPolicy {
        keys = Map.copyOf(keys);
        authorities = Map.copyOf(authorities);
        identities = Map.copyOf(identities);
    }

    /** One bare key. */
    public static TrustPolicy key(String name, PublicKey key, Clock clock) {
        return new TrustPolicy(Map.of(name, key), Map.of(), Map.of(), Optional.empty(), clock);
    }

    /** One authority. */
    public static TrustPolicy authority(String name, X509Certificate root, Clock clock) {
        return new TrustPolicy(Map.of(), Map.of(name, root), Map.of(), Optional.empty(), clock);
    }

    /** One keyless identity. */
    public static TrustPolicy identity(KeylessIdentity identity, Clock clock) {
        return new TrustPolicy(
                Map.of(), Map.of(), Map.of(identity.subject(), identity), Optional.empty(), clock);
    }

    /** This, with another trusted root for keyless and logged signatures. */
    public TrustPolicy checkedAgainst(SigstoreRoot root) {
        return new TrustPolicy(keys, authorities, identities, Optional.of(root), clock);
    }
}
