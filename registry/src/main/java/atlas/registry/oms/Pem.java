package atlas.registry.oms;

import atlas.core.crypto.Hashes;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the PEM files that signing and verifying are given: EC keys and certificates. */
public final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final int LINE = 64;

    private Pem() {}

    /**
     * A public key ({@code PUBLIC KEY}).
     *
     * @throws OmsException unless it is an EC key on P-256, P-384 or P-521
     */
    public static PublicKey publicKey(String pem) {
        try {
            PublicKey key =
                    KeyFactory.getInstance("EC")
                            .generatePublic(new X509EncodedKeySpec(one(pem, "PUBLIC KEY")));
            requireCurve(key);
            return key;
        } catch (GeneralSecurityException e) {
            throw wrongKey(e);
        }
    }

    /**
     * A public key of ML-DSA-65 ({@code PUBLIC KEY}).
     *
     * @throws OmsException when it is not one
     */
    public static PublicKey secondPublicKey(String pem) {
        try {
            return KeyFactory.getInstance("ML-DSA-65")
                    .generatePublic(new X509EncodedKeySpec(one(pem, "PUBLIC KEY")));
        } catch (GeneralSecurityException e) {
            throw new OmsException("not a public key of ML-DSA-65", e);
        }
    }

    /**
     * A private key of ML-DSA-65 ({@code PRIVATE KEY}, PKCS #8, not encrypted).
     *
     * @throws OmsException when it is not one
     */
    public static PrivateKey secondPrivateKey(String pem) {
        try {
            return KeyFactory.getInstance("ML-DSA-65")
                    .generatePrivate(new PKCS8EncodedKeySpec(one(pem, "PRIVATE KEY")));
        } catch (GeneralSecurityException e) {
            throw new OmsException("not a private key of ML-DSA-65", e);
        }
    }

    /**
     * A private key ({@code PRIVATE KEY}, PKCS #8, not encrypted).
     *
     * @throws OmsException unless it is an EC key on P-256, P-384 or P-521
     */
    public static PrivateKey privateKey(String pem) {
        if (pem.contains("BEGIN EC PRIVATE KEY")) {
            throw new OmsException(
                    "the key is in the older SEC 1 form; convert it with openssl pkcs8 -topk8"
                            + " -nocrypt",
                    null);
        }
        try {
            PrivateKey key =
                    KeyFactory.getInstance("EC")
                            .generatePrivate(new PKCS8EncodedKeySpec(one(pem, "PRIVATE KEY")));
            requireCurve(key);
            return key;
        } catch (GeneralSecurityException e) {
            throw wrongKey(e);
        }
    }

    /**
     * All certificates in order ({@code CERTIFICATE}).
     *
     * @throws OmsException when there is none or one is damaged
     */
    public static List<X509Certificate> certificates(String pem) {
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] der : blocks(pem, "CERTIFICATE")) {
            certificates.add(certificate(der));
        }
        if (certificates.isEmpty()) {
            throw new OmsException("no certificate in the PEM text", null);
        }
        return certificates;
    }

    static X509Certificate certificate(byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException e) {
            throw new OmsException("not an X.509 certificate", e);
        }
    }

    /** The text OMS identifies a key by: its SPKI in lines of 64, with a newline at the end. */
    static String text(PublicKey key) {
        String base64 =
                Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(key.getEncoded());
        return "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n";
    }

    /** The key identifier of OMS. */
    static String hint(PublicKey key) {
        return Hashes.sha256(text(key)).hex();
    }

    private static byte[] one(String pem, String label) {
        List<byte[]> blocks = blocks(pem, label);
        if (blocks.size() != 1) {
            throw new OmsException(
                    "expected one `" + label + "` in the PEM text, found " + blocks.size(), null);
        }
        return blocks.getFirst();
    }

    private static List<byte[]> blocks(String pem, String label) {
        List<byte[]> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(pem);
        while (matcher.find()) {
            if (matcher.group(1).equals(label)) {
                byte[] text =
                        matcher.group(2).replaceAll("\\s", "").getBytes(StandardCharsets.US_ASCII);
                try {
                    blocks.add(Base64.getDecoder().decode(text));
                } catch (IllegalArgumentException e) {
                    throw new OmsException("damaged base64 in the PEM text", e);
                }
            }
        }
        return blocks;
    }

    private static void requireCurve(Key key) {
        if (EcCurve.of(key).isEmpty()) {
            throw wrongKey(null);
        }
    }

    private static OmsException wrongKey(@Nullable Exception cause) {
        return new OmsException(
                "not a key OMS can use: it takes EC keys on P-256, P-384 or P-521", cause);
    }
}
