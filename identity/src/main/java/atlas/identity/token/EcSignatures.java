package atlas.identity.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.impl.ECDSA;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ES256 (RFC 7518 §3.4) by Conscrypt where its library loads, by the JDK elsewhere: the same
 * signatures, some eight times slower. Which one it is, is settled at the first use.
 */
final class EcSignatures {
    static final String ALGORITHM = "ES256";
    static final int SIGNATURE_BYTES = 64;

    private static final String JCA = "SHA256withECDSA";
    private static final Logger LOG = LoggerFactory.getLogger(EcSignatures.class);

    private EcSignatures() {}

    /** Loads the native library once, and only in a process that signs or verifies. */
    private static final class Fast {
        private static final Optional<Provider> PROVIDER = load();

        private static Optional<Provider> load() {
            try {
                Provider conscrypt = org.conscrypt.Conscrypt.newProvider();
                Signature.getInstance(JCA, conscrypt);
                return Optional.of(conscrypt);
            } catch (GeneralSecurityException | LinkageError e) {
                LOG.atWarn()
                        .addKeyValue("reason", e.getClass().getSimpleName())
                        .log("native signatures are not available, the slower ones are used");
                return Optional.empty();
            }
        }
    }

    private static Signature signature() throws GeneralSecurityException {
        return Fast.PROVIDER.isPresent()
                ? Signature.getInstance(JCA, Fast.PROVIDER.get())
                : Signature.getInstance(JCA);
    }

    private static KeyFactory keys() throws GeneralSecurityException {
        return Fast.PROVIDER.isPresent()
                ? KeyFactory.getInstance("EC", Fast.PROVIDER.get())
                : KeyFactory.getInstance("EC");
    }

    /** The 64 bytes of r and s. */
    static byte[] sign(PrivateKey key, byte[] message) {
        try {
            Signature signature = signature();
            signature.initSign(key);
            signature.update(message);
            return ECDSA.transcodeSignatureToConcat(signature.sign(), SIGNATURE_BYTES);
        } catch (GeneralSecurityException | JOSEException e) {
            throw new IllegalStateException("a P-256 key signs", e);
        }
    }

    static boolean verify(PublicKey key, byte[] message, byte[] rAndS) {
        if (rAndS.length != SIGNATURE_BYTES) {
            return false;
        }
        try {
            Signature signature = signature();
            signature.initVerify(key);
            signature.update(message);
            return signature.verify(ECDSA.transcodeSignatureToDER(rAndS));
        } catch (GeneralSecurityException | JOSEException e) {
            return false;
        }
    }

    static KeyPair newPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), new SecureRandom());
            KeyPair pair = generator.generateKeyPair();
            return pair(pair.getPrivate().getEncoded(), pair.getPublic().getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    /** A pair from its encoded halves. */
    static KeyPair pair(byte[] pkcs8, byte[] x509) throws GeneralSecurityException {
        KeyFactory keys = keys();
        return new KeyPair(
                keys.generatePublic(new X509EncodedKeySpec(x509)),
                keys.generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
    }

    static PublicKey publicKey(byte[] x509) throws GeneralSecurityException {
        return keys().generatePublic(new X509EncodedKeySpec(x509));
    }
}
