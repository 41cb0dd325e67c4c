package atlas.runtime.svid;

import atlas.runtime.http.TlsIdentity;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The identity of one process, whoever issues it. Thread-safe; {@link #current} does not block.
 *
 * <p>An identity that was taken back stays readable but believes nobody: no connection can be made
 * with it, in either direction.
 */
public interface SvidSource extends AutoCloseable {
    /** The identity to show now, with the bundles its peers are judged by. */
    TlsIdentity current();

    /** Trust anchors by trust domain; the same object until they change. */
    Map<String, List<X509Certificate>> bundles();

    /** Runs {@code listener} after every change, on a thread of the source; it may block. */
    void onChange(Runnable listener);

    /** An issuer in this process, asked anew each time; it tells of no change by itself. */
    static SvidSource issuedBy(Supplier<TlsIdentity> issuer) {
        return new IssuedSvids(issuer);
    }

    @Override
    void close();
}
