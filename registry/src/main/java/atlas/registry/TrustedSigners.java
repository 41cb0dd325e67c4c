package atlas.registry;

import atlas.registry.oms.KeylessIdentity;
import atlas.registry.oms.SigstoreRoot;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whose signatures count, by our own name for each. What a bundle says about itself never does.
 *
 * @param identities whose keyless signatures count
 * @param seconds for signers with a key, the ML-DSA-65 key that has to sign as well
 * @param sigstore what keyless signatures are checked against; empty is the public instance
 */
public record TrustedSigners(
        Map<String, PublicKey> keys,
        Map<String, X509Certificate> authorities,
        Map<String, KeylessIdentity> identities,
        Map<String, PublicKey> seconds,
        Optional<SigstoreRoot> sigstore) {
    public TrustedSigners {
        keys = Map.copyOf(keys);
        authorities = Map.copyOf(authorities);
        identities = Map.copyOf(identities);
        seconds = Map.copyOf(seconds);
    }

    /** Nobody: every push is refused. */
    public static TrustedSigners none() {
        return new TrustedSigners(Map.of(), Map.of(), Map.of(), Map.of(), Optional.empty());
    }

    /** These and a bare key. */
    public TrustedSigners withKey(String name, PublicKey key) {
        return new TrustedSigners(
                more(keys, name, key), authorities, identities, seconds, sigstore);
    }

    /** These and everybody certified for code signing by an authority. */
    public TrustedSigners withAuthority(String name, X509Certificate authority) {
        return new TrustedSigners(
                keys, more(authorities, name, authority), identities, seconds, sigstore);
    }

    /** These and somebody who signs without a key. */
    public TrustedSigners withIdentity(String name, KeylessIdentity identity) {
        return new TrustedSigners(
                keys, authorities, more(identities, name, identity), seconds, sigstore);
    }

    /** These, and the signer of this name signs a second time with this key of ML-DSA-65. */
    public TrustedSigners withSecond(String name, PublicKey second) {
        return new TrustedSigners(
                keys, authorities, identities, more(seconds, name, second), sigstore);
    }

    /** These, keyless signatures checked against this. */
    public TrustedSigners checkedAgainst(SigstoreRoot root) {
        return new TrustedSigners(keys, authorities, identities, seconds, Optional.of(root));
    }

    private static <V> Map<String, V> more(Map<String, V> some, String name, V value) {
        Map<String, V> more = new HashMap<>(some);
        more.put(name, value);
        return more;
    }
}
