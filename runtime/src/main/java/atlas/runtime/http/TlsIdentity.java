package atlas.runtime.http;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A key with its certificate chain (leaf first) and the anchors its peers must chain to. Lives in
 * memory only; {@code trust} may be empty where no peer certificate is asked for.
 *
 * @param trust anchors for peers known by host name, and for all peers where there are no bundles
 * @param bundles anchors by SPIFFE trust domain: a workload is judged by the bundle of its own
 *     domain and by no other
 */
public record TlsIdentity(
        PrivateKey key,
        List<X509Certificate> chain,
        List<X509Certificate> trust,
        Map<String, List<X509Certificate>> bundles) {
    public TlsIdentity {
        chain = List.copyOf(chain);
        trust = List.copyOf(trust);
        Map<String, List<X509Certificate>> copy = new HashMap<>();
        bundles.forEach((domain, anchors) -> copy.put(domain, List.copyOf(anchors)));
        bundles = Map.copyOf(copy);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("a TLS identity needs a certificate");
        }
    }

    /** An identity whose peers all lead to the same anchors. */
    public TlsIdentity(PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trust) {
        this(key, chain, trust, Map.of());
    }

    /** The same identity, shown to everybody and believing nobody: no peer is accepted. */
    public TlsIdentity believingNobody() {
        return new TlsIdentity(key, chain, List.of(), Map.of());
    }

    @Override
    public String toString() {
        return "TlsIdentity[" + chain.getFirst().getSubjectX500Principal() + "]";
    }
}
