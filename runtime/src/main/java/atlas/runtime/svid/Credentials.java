package atlas.runtime.svid;

import atlas.core.WorkloadId;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Reads chains, keys and bundles, and refuses what does not belong together: a leaf with another
 * SPIFFE ID than said, a key that is not the leaf's, an authority where a workload should be.
 */
final class Credentials {
    private static final int URI = 6;
    private static final int MAX_CERTIFICATES = 64;

    private Credentials() {}

    /** Certificates, DER one after another or PEM; at least one. */
    static List<X509Certificate> certificates(byte[] encoded, String what) {
        try {
            List<X509Certificate> found = new ArrayList<>();
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(encoded))
                    .forEach(c -> found.add((X509Certificate) c));
            if (found.isEmpty() || found.size() > MAX_CERTIFICATES) {
                throw new SvidException(
                        what + " has " + found.size() + " certificates; 1 to 64 are expected");
            }
            return List.copyOf(found);
        } catch (CertificateException e) {
            throw new SvidException(what + " does not hold certificates", e);
        }
    }

    /** The one SPIFFE ID of a workload's leaf (X.509-SVID §2, §5.2). */
    static WorkloadId idOf(X509Certificate leaf, String what) {
        try {
            Collection<List<?>> names = leaf.getSubjectAlternativeNames();
            List<String> uris =
                    names == null
                            ? List.of()
                            : names.stream()
                                    .filter(n -> n.get(0).equals(URI))
                                    .map(n -> String.valueOf(n.get(1)))
                                    .toList();
            if (uris.size() != 1) {
                throw new SvidException(what + " has " + uris.size() + " URI names, not one");
            }
            if (leaf.getBasicConstraints() >= 0) {
                throw new SvidException(what + " is an authority, not a workload");
            }
            return WorkloadId.parse(uris.getFirst());
        } catch (CertificateException | IllegalArgumentException e) {
            throw new SvidException(what + " does not name a workload", e);
        }
    }

    /** An unencrypted PKCS #8 key that is the leaf's. */
    static PrivateKey key(byte[] pkcs8, X509Certificate leaf, String what) {
        PublicKey mate = leaf.getPublicKey();
        try {
            PrivateKey key =
                    KeyFactory.getInstance(mate.getAlgorithm())
                            .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            if (!belongTogether(key, mate)) {
                throw new SvidException(what + " is not the key of its certificate");
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw new SvidException(
                    what + " is not an unencrypted PKCS #8 key of its certificate", e);
        }
    }

    private static boolean belongTogether(PrivateKey key, PublicKey mate)
            throws GeneralSecurityException {
        String algorithm =
                switch (mate.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> mate.getAlgorithm();
                };
        byte[] challenge = new byte[32];
        new SecureRandom().nextBytes(challenge);
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(challenge);
        byte[] signature = signer.sign();
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(mate);
        verifier.update(challenge);
        return verifier.verify(signature);
    }
}
