package atlas.runtime.svid;

import atlas.runtime.http.TlsIdentity;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Identities of an authority in this process; whoever uses them renews them on time. */
record IssuedSvids(Supplier<TlsIdentity> issuer) implements SvidSource {
    @Override
    public TlsIdentity current() {
        return issuer.get();
    }

    @Override
    public Map<String, List<X509Certificate>> bundles() {
        return issuer.get().bundles();
    }

    @Override
    public void onChange(Runnable listener) {
        // The authority's owner knows when; see its renewal interval.
        java.util.Objects.requireNonNull(listener);
    }

    @Override
    public void close() {
        // The authority belongs to somebody else.
        return;
    }
}
