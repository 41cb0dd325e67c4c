package atlas.gateway;

import atlas.runtime.http.TlsIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Who may vouch for a remote engine: the authorities of a file, or those the JDK ships. */
final class EngineTrust {
    private EngineTrust() {}

    /** Our own certificate, for engines that ask for one, with the engine's authorities. */
    static TlsIdentity identity(TlsIdentity ours, Optional<Path> file) {
        return new TlsIdentity(
                ours.key(), ours.chain(), file.isPresent() ? of(file.get()) : system());
    }

    private static List<X509Certificate> of(Path file) {
        List<X509Certificate> anchors = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(in)
                    .forEach(c -> anchors.add((X509Certificate) c));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the authorities in `" + file + "`", e);
        } catch (CertificateException e) {
            throw new IllegalArgumentException("no certificates in `" + file + "`", e);
        }
        return anchors;
    }

    private static List<X509Certificate> system() {
        try {
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            List<X509Certificate> anchors = new ArrayList<>();
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    anchors.addAll(List.of(x509.getAcceptedIssuers()));
                }
            }
            return anchors;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has a trust store", e);
        }
    }
}
