package atlas.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Keys and certificates in PEM files (RFC 7468), elliptic-curve ones as model signing wants them.
 */
final class Pem {
    private static final byte[] EC_PUBLIC_KEY_OID = {
        0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
    };

    private Pem() {}

    static PrivateKey privateKey(Path file) {
        String text = read(file);
        if (text.contains("ENCRYPTED")) {
            throw Stop.unknown(
                    file
                            + " is encrypted; decrypt it first with `openssl pkcs8 -in "
                            + file
                            + " -out key.pem`");
        }
        try {
            byte[] pkcs8;
            if (text.contains("-----BEGIN EC PRIVATE KEY-----")) {
                pkcs8 = pkcs8(block(file, text, "EC PRIVATE KEY"));
            } else {
                pkcs8 = block(file, text, "PRIVATE KEY");
            }
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw Stop.unknown(
                    file
                            + " holds no elliptic-curve private key; make one with"
                            + " `openssl ecparam -name prime256v1 -genkey -noout -out key.pem`");
        }
    }

    /** The key of a certificate for TLS, of whatever kind. */
    static PrivateKey tlsKey(Path file) {
        String text = read(file);
        if (text.contains("ENCRYPTED") || text.contains("-----BEGIN EC PRIVATE KEY-----")) {
            return privateKey(file);
        }
        PKCS8EncodedKeySpec key = new PKCS8EncodedKeySpec(block(file, text, "PRIVATE KEY"));
        for (String kind : List.of("EC", "RSA", "Ed25519")) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(key);
            } catch (GeneralSecurityException e) {
                continue;
            }
        }
        throw Stop.unknown(file + " holds no private key for TLS in PKCS #8");
    }

    static PublicKey publicKey(Path file) {
        return ecPublicKey(file)
                .orElseThrow(() ->
                        Stop.unknown(
                                file
                                        + " holds no public key on P-256, P-384 or P-521;"
                                        + " models are signed with those"));
    }

    /** The key of a file; empty when it is a key of another kind. */
    static Optional<PublicKey> ecPublicKey(Path file) {
        String text = read(file);
        if (text.contains("-----BEGIN CERTIFICATE-----")) {
            throw Stop.usage(file + " is a certificate; use --ca for those");
        }
        byte[] spki = block(file, text, "PUBLIC KEY");
        try {
            return Optional.of(
                    KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    static List<X509Certificate> certificates(Path file) {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            byte[] bytes = read(file).getBytes(StandardCharsets.UTF_8);
            for (Certificate c :
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes))) {
                chain.add((X509Certificate) c);
            }
        } catch (GeneralSecurityException e) {
            throw Stop.unknown(file + " is not a PEM certificate file: " + e.getMessage());
        }
        if (chain.isEmpty()) {
            throw Stop.unknown(file + " holds no certificate");
        }
        return chain;
    }

    /** A certificate as files hold it. */
    static String text(X509Certificate certificate) {
        try {
            String body =
                    Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(certificate.getEncoded());
            return "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n";
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate has an encoding", e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw Stop.unknown("cannot read " + file + ": " + e.getMessage());
        }
    }

    private static byte[] block(Path file, String text, String label) {
        String begin = "-----BEGIN " + label + "-----";
        String end = "-----END " + label + "-----";
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw Stop.unknown(file + " has no `" + label + "` block");
        }
        try {
            return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
        } catch (IllegalArgumentException e) {
            throw Stop.unknown("the `" + label + "` block of " + file + " is not base64");
        }
    }

    /** SEC 1 (RFC 5915) in a PKCS#8 coat: the curve's OID moves to where PKCS#8 wants it. */
    private static byte[] pkcs8(byte[] sec1) throws GeneralSecurityException {
        byte[] curve = curve(sec1);
        byte[] algorithm = der(0x30, concat(EC_PUBLIC_KEY_OID, curve));
        return der(0x30, concat(concat(new byte[] {2, 1, 0}, algorithm), der(0x04, sec1)));
    }

    /** The OID element inside the [0] parameters of an ECPrivateKey. */
    private static byte[] curve(byte[] sec1) throws GeneralSecurityException {
        for (int i = 0; i + 4 < sec1.length; i++) {
            int length = sec1[i + 1] & 0xff;
            if ((sec1[i] & 0xff) == 0xa0
                    && sec1[i + 2] == 0x06
                    && length == (sec1[i + 3] & 0xff) + 2
                    && i + 2 + length <= sec1.length) {
                return java.util.Arrays.copyOfRange(sec1, i + 2, i + 2 + length);
            }
        }
        throw new GeneralSecurityException("the key does not name its curve");
    }

    private static byte[] der(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 4);
        out.write(tag);
        if (content.length > 255) {
            out.write(0x82);
            out.write(content.length >> 8);
        } else if (content.length > 127) {
            out.write(0x81);
        }
        out.write(content.length);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
