package atlas.identity;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Certificates as PEM text (RFC 7468). Private keys are not written. */
public final class Pem {
    private static final Base64.Encoder LINES =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private Pem() {}

    /** The certificates, one block each. */
    public static String certificates(List<X509Certificate> certificates) {
        StringBuilder out = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            try {
                out.append("-----BEGIN CERTIFICATE-----\n")
                        .append(LINES.encodeToString(certificate.getEncoded()))
                        .append("\n-----END CERTIFICATE-----\n");
            } catch (CertificateEncodingException e) {
                throw new IdentityException("a certificate could not be written", e);
            }
        }
        return out.toString();
    }

    /**
     * The certificates in a text.
     *
     * @throws IdentityException when there is none, or one cannot be read
     */
    public static List<X509Certificate> certificates(String text) {
        try {
            List<X509Certificate> found = new ArrayList<>();
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(
                            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                    .forEach(c -> found.add((X509Certificate) c));
            if (found.isEmpty()) {
                throw new IdentityException("no certificate in the PEM text", null);
            }
            return found;
        } catch (CertificateException e) {
            throw new IdentityException("not certificates in PEM form", e);
        }
    }
}
