package atlas.registry.oms;

import atlas.core.crypto.Hashes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Decides from our own trust who signed a bundle, then checks the signature with that key. */
final class OmsTrust {
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    private static final int DIGITAL_SIGNATURE = 0;

    private final TrustPolicy policy;

    OmsTrust(TrustPolicy policy) {
        this.policy = policy;
    }

    /** Who signed, with which key, and until when that may be believed. */
    record Signer(String name, PublicKey key, Optional<Instant> validUntil) {}

    Signer signer(OmsBundle bundle) throws Refused {
        return switch (bundle.mode()) {
            case KEY -> byKey(bundle.keyClaim());
            case CERTIFICATE -> byCertificate(bundle.chain());
            case SIGSTORE -> throw new Refused("a keyless bundle is checked with its evidence");
        };
    }

    private Signer byKey(OmsBundle.KeyClaim claim) throws Refused {
        for (Map.Entry<String, PublicKey> trusted : new TreeMap<>(policy.keys()).entrySet()) {
            String text = Pem.text(trusted.getValue());
            boolean same =
                    claim.hint().isPresent()
                            ? claim.hint().get().equals(Hashes.sha256(text).hex())
                            : MessageDigest.isEqual(
                                    claim.raw().orElseThrow(),
                                    text.getBytes(StandardCharsets.US_ASCII));
            if (same) {
                return new Signer(trusted.getKey(), trusted.getValue(), Optional.empty());
            }
        }
        throw new Refused("signed by a key that is not trusted here");
    }

    private Signer byCertificate(List<byte[]> ders) throws Refused {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (byte[] der : ders) {
                chain.add(Pem.certificate(der));
            }
        } catch (OmsException e) {
            throw new Refused("the bundle's chain holds something that is not a certificate");
        }
        requireCodeSigning(chain.getFirst());
        String why = "no authority is trusted here";
        for (Map.Entry<String, X509Certificate> authority :
                new TreeMap<>(policy.authorities()).entrySet()) {
            try {
                Instant until = validate(chain, authority.getValue());
                X509Certificate leaf = chain.getFirst();
                String name =
                        authority.getKey()
                                + ": "
                                + OmsStatement.shown(leaf.getSubjectX500Principal().getName());
                return new Signer(name, leaf.getPublicKey(), Optional.of(until));
            } catch (CertPathValidatorException e) {
                why = "its certificate does not lead to a trusted authority: " + reason(e);
            }
        }
        throw new Refused(why);
    }

    private static String reason(CertPathValidatorException e) {
        return e.getReason().toString().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }

    private static void requireCodeSigning(X509Certificate leaf) throws Refused {
        boolean[] usage = leaf.getKeyUsage();
        if (usage == null || !usage[DIGITAL_SIGNATURE]) {
            throw new Refused("the signer's certificate is not for digital signatures");
        }
        try {
            List<String> extended = leaf.getExtendedKeyUsage();
            if (extended == null || !extended.contains(CODE_SIGNING)) {
                throw new Refused("the signer's certificate is not for code signing");
            }
        } catch (CertificateException e) {
            throw new Refused("the signer's certificate has a broken extended key usage");
        }
    }

    /** RFC 5280 path validation at the time of our clock; returns when the first link expires. */
    private Instant validate(List<X509Certificate> chain, X509Certificate root)
            throws CertPathValidatorException {
        List<X509Certificate> path = new ArrayList<>(chain);
        if (path.size() > 1 && path.getLast().equals(root)) {
            path.removeLast();
        }
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(policy.clock().instant()));
            CertPath certPath = CertificateFactory.getInstance("X.509").generateCertPath(path);
            CertPathValidator.getInstance("PKIX").validate(certPath, parameters);
        } catch (InvalidAlgorithmParameterException
                | CertificateException
                | NoSuchAlgorithmException e) {
            throw new CertPathValidatorException(e);
        }
        // PKIX does not look at the anchor's own dates.
        Instant now = policy.clock().instant();
        if (now.isAfter(root.getNotAfter().toInstant())
                || now.isBefore(root.getNotBefore().toInstant())) {
            throw new CertPathValidatorException(
                    "the authority is not valid now",
                    null,
                    null,
                    -1,
                    CertPathValidatorException.BasicReason.EXPIRED);
        }
        return path.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
    }

    /** Checks the signature over the pre-authentication encoding of the raw payload bytes. */
    static void requireSignature(OmsBundle bundle, PublicKey key) throws Refused {
        EcCurve curve =
                EcCurve.of(key)
                        .orElseThrow(() ->
                                new Refused("the signer's key is not on P-256, P-384 or P-521"));
        try {
            Signature signature = Signature.getInstance(curve.signature());
            signature.initVerify(key);
            signature.update(preAuthentication(bundle.payloadType(), bundle.payload()));
            if (signature.verify(bundle.signature())) {
                return;
            }
        } catch (SignatureException e) {
            throw new Refused("the signature is not a well-formed ECDSA signature");
        } catch (GeneralSecurityException e) {
            throw new Refused("the signer's key cannot be used");
        }
        throw new Refused("the signature does not hold");
    }

    /** DSSE v1: lengths are in bytes. */
    static byte[] preAuthentication(String type, byte[] payload) {
        byte[] typeBytes = type.getBytes(StandardCharsets.UTF_8);
        byte[] head =
                ("DSSEv1 " + typeBytes.length + " " + type + " " + payload.length + " ")
                        .getBytes(StandardCharsets.UTF_8);
        byte[] all = java.util.Arrays.copyOf(head, head.length + payload.length);
        System.arraycopy(payload, 0, all, head.length, payload.length);
        return all;
    }
}
