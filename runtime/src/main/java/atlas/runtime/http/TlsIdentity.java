package atlas.runtime.http;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A key with its certificate chain (leaf first) and the anchors its peers must chain to. Lives in
 * memory only; {@code trust} may be empty where no peer certificate is asked for.
 */
public record TlsIdentity(
        PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trust) {
    public TlsIdentity {
        chain = List.copyOf(chain);
        trust = List.copyOf(trust);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("a TLS identity needs a certificate");
        }
    }

    @Override
    public String toString() {
        return "TlsIdentity[" + chain.getFirst().getSubjectX500Principal() + "]";
    }
}
