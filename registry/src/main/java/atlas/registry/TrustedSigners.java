package atlas.registry;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;

/** Whose signatures count, by our own name for each. What a bundle says about itself never does. */
public record TrustedSigners(
        Map<String, PublicKey> keys, Map<String, X509Certificate> authorities) {
    public TrustedSigners {
        keys = Map.copyOf(keys);
        authorities = Map.copyOf(authorities);
    }

    /** Nobody: every push is refused. */
    public static TrustedSigners none() {
        return new TrustedSigners(Map.of(), Map.of());
    }

    /** These and a bare key. */
    public TrustedSigners withKey(String name, PublicKey key) {
        Map<String, PublicKey> more = new HashMap<>(keys);
        more.put(name, key);
        return new TrustedSigners(more, authorities);
    }

    /** These and everybody certified for code signing by an authority. */
    public TrustedSigners withAuthority(String name, X509Certificate authority) {
        Map<String, X509Certificate> more = new HashMap<>(authorities);
        more.put(name, authority);
        return new TrustedSigners(keys, more);
    }
}
