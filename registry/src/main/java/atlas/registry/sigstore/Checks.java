package atlas.registry.sigstore;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The few primitives everything here rests on. */
final class Checks {
    private static final int LEAST_RSA_BITS = 2048;
    private static final Map<Integer, String> ECDSA =
            Map.of(256, "SHA256withECDSA", 384, "SHA384withECDSA", 521, "SHA512withECDSA");

    private Checks() {}

    /** A public key of any kind used here. */
    static PublicKey key(byte[] spki) throws Unproven {
        for (String algorithm : List.of("EC", "Ed25519", "RSA")) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePublic(new X509EncodedKeySpec(spki));
            } catch (GeneralSecurityException e) {
                continue;
            }
        }
        return pkcs1(spki);
    }

    // Old logs' keys are written without the algorithm: PKCS #1, modulus and exponent.
    private static PublicKey pkcs1(byte[] key) throws Unproven {
        Der both = Der.parse(key).require(Der.SEQUENCE);
        try {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(
                            new RSAPublicKeySpec(both.child(0).integer(), both.child(1).integer()));
        } catch (GeneralSecurityException e) {
            throw new Unproven("a public key is of no known kind");
        }
    }

    static X509Certificate certificate(byte[] der) throws Unproven {
        try {
            X509Certificate certificate =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(der));
            if (MessageDigest.isEqual(certificate.getEncoded(), der)) {
                return certificate;
            }
        } catch (GeneralSecurityException e) {
            throw new Unproven("something is not an X.509 certificate");
        }
        throw new Unproven("there are bytes behind a certificate");
    }

    /** The algorithm that goes with a key; each curve has one hash. */
    static String algorithm(PublicKey key) throws Unproven {
        if (key instanceof ECKey ec) {
            String algorithm = ECDSA.get(ec.getParams().getCurve().getField().getFieldSize());
            if (algorithm != null) {
                return algorithm;
            }
        }
        if (key instanceof RSAKey rsa && rsa.getModulus().bitLength() >= LEAST_RSA_BITS) {
            return "SHA256withRSA";
        }
        if (key.getAlgorithm().equals("EdDSA") || key.getAlgorithm().equals("Ed25519")) {
            return "Ed25519";
        }
        throw new Unproven("a key is of a kind that signs nothing here");
    }

    static boolean verifies(PublicKey key, byte[] message, byte[] signature) throws Unproven {
        return verifies(algorithm(key), key, message, signature);
    }

    static boolean verifies(String algorithm, PublicKey key, byte[] message, byte[] signature)
            throws Unproven {
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new Unproven("a key does not fit its algorithm");
        }
    }

    /** RFC 5280 path validation at a time, up to the last certificate, which is trusted. */
    static void path(X509Certificate leaf, List<X509Certificate> authorities, Instant at)
            throws Unproven {
        X509Certificate root = authorities.getLast();
        List<X509Certificate> path = new java.util.ArrayList<>(List.of(leaf));
        path.addAll(authorities.subList(0, authorities.size() - 1));
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(at));
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(path),
                            parameters);
            root.checkValidity(Date.from(at));
        } catch (GeneralSecurityException e) {
            throw new Unproven("a certificate does not lead to its authority as of its time");
        }
    }
}
