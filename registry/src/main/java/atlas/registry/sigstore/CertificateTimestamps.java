package atlas.registry.sigstore;

import atlas.core.crypto.Hashes;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** RFC 6962: a certificate was logged when it was issued, by the timestamps embedded in it. */
final class CertificateTimestamps {
    private static final String EXTENSION = "1.3.6.1.4.1.11129.2.4.2";
    private static final int PRECERTIFICATE = 1;
    private static final int FOR_CERTIFICATE = 0;

    private CertificateTimestamps() {}

    /**
     * Requires a timestamp of a log the trusted root names. A root that names no certificate logs
     * asks for none, but then nobody may bring one that cannot be checked.
     */
    static void require(X509Certificate leaf, X509Certificate issuer, List<TrustedRoot.Log> logs)
            throws Unproven {
        byte[] extension = leaf.getExtensionValue(EXTENSION);
        if (extension == null) {
            if (logs.isEmpty()) {
                return;
            }
            throw new Unproven("the certificate was not logged: it has no timestamps of logs");
        }
        byte[] list = Der.parse(Der.parse(extension).value()).require(Der.OCTETS).value();
        boolean proven = false;
        try {
            ByteBuffer in = ByteBuffer.wrap(list);
            ByteBuffer timestamps = ByteBuffer.wrap(opaque(in));
            byte[] certificate = unlogged(leaf);
            while (timestamps.hasRemaining()) {
                ByteBuffer one = ByteBuffer.wrap(opaque(timestamps));
                proven |= proven(one, certificate, issuer, logs);
            }
            if (in.hasRemaining()) {
                throw new Unproven("there are bytes behind the certificate's timestamps");
            }
        } catch (BufferUnderflowException e) {
            throw new Unproven("the certificate's timestamps are cut short");
        }
        if (!proven) {
            throw new Unproven("the certificate was logged by no log that counts");
        }
    }

    private static byte[] opaque(ByteBuffer in) {
        int length = Short.toUnsignedInt(in.getShort());
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static boolean proven(
            ByteBuffer in, byte[] certificate, X509Certificate issuer, List<TrustedRoot.Log> logs)
            throws Unproven {
        int version = in.get();
        byte[] id = new byte[32];
        in.get(id);
        long millis = in.getLong();
        byte[] extensions = opaque(in);
        int algorithm = Short.toUnsignedInt(in.getShort());
        byte[] signature = opaque(in);
        if (version != 0 || in.hasRemaining()) {
            throw new Unproven("a timestamp of the certificate is malformed");
        }
        ByteBuffer signed = ByteBuffer.allocate(49 + certificate.length + extensions.length);
        signed.put((byte) version).put((byte) FOR_CERTIFICATE).putLong(millis);
        signed.putShort((short) PRECERTIFICATE);
        signed.put(Hashes.sha256(issuer.getPublicKey().getEncoded()).bytes());
        signed.put((byte) (certificate.length >> 16)).putShort((short) certificate.length);
        signed.put(certificate).putShort((short) extensions.length).put(extensions);
        for (TrustedRoot.Log log : logs) {
            if (MessageDigest.isEqual(log.id(), id)
                    && log.validity().covers(Instant.ofEpochMilli(millis))
                    && fits(algorithm, log)
                    && Checks.verifies(log.key(), signed.array(), signature)) {
                return true;
            }
        }
        return false;
    }

    // SHA-256 with ECDSA, or with RSA.
    private static boolean fits(int algorithm, TrustedRoot.Log log) throws Unproven {
        return switch (Checks.algorithm(log.key())) {
            case "SHA256withECDSA" -> algorithm == 0x0403;
            case "SHA256withRSA" -> algorithm == 0x0401;
            default -> false;
        };
    }

    /** The part of the certificate its issuer had logged: all but the timestamps themselves. */
    private static byte[] unlogged(X509Certificate leaf) throws Unproven {
        Der tbs;
        try {
            tbs = Der.parse(leaf.getTBSCertificate()).require(Der.SEQUENCE);
        } catch (GeneralSecurityException e) {
            throw new Unproven("a certificate cannot be encoded");
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Der part : tbs.children()) {
            if (part.tag() != Der.EXTENSIONS) {
                all.writeBytes(part.encoded());
                continue;
            }
            ByteArrayOutputStream kept = new ByteArrayOutputStream();
            for (Der extension : part.child(0).require(Der.SEQUENCE).children()) {
                if (!extension.child(0).oid().equals(EXTENSION)) {
                    kept.writeBytes(extension.encoded());
                }
            }
            all.writeBytes(
                    Der.encode(Der.EXTENSIONS, Der.encode(Der.SEQUENCE, kept.toByteArray())));
        }
        return Der.encode(Der.SEQUENCE, all.toByteArray());
    }
}
