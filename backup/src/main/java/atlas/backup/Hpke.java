package atlas.backup;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.pqc.crypto.xwing.XWingPrivateKeyParameters;
import org.bouncycastle.pqc.crypto.xwing.XWingPublicKeyParameters;

/**
 * HPKE in base mode with X-Wing (0x647a: X25519 and ML-KEM-768 together), HKDF-SHA-256 and
 * AES-256-GCM: what is sealed stays so as long as either of the two holds.
 */
final class Hpke {
    /** Bytes of a public key. */
    static final int PUBLIC_BYTES = 1216;

    /** Bytes of the seed that is the private key. */
    static final int SEED_BYTES = 32;

    /** Bytes that carry the key to whoever opens. */
    static final int ENCAPSULATED_BYTES = 1120;

    /** Bytes a message grows by, beside the encapsulation. */
    static final int TAG_BYTES = 16;

    private Hpke() {}

    private static HPKE suite() {
        return new HPKE(
                HPKE.mode_base, HPKE.kem_X_WING, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
    }

    /** The public key that belongs to a seed. */
    static byte[] publicKey(byte[] seed) {
        return new XWingPrivateKeyParameters(seed).getPublicKeyParameters().getEncoded();
    }

    /** Encapsulation and ciphertext, one after the other. */
    static byte[] seal(byte[] publicKey, byte[] info, byte[] aad, byte[] plaintext) {
        try {
            byte[][] parts =
                    suite().seal(
                                    new XWingPublicKeyParameters(publicKey),
                                    info,
                                    aad,
                                    plaintext,
                                    null,
                                    null,
                                    null);
            return ByteBuffer.allocate(parts[0].length + parts[1].length)
                    .put(parts[1])
                    .put(parts[0])
                    .array();
        } catch (InvalidCipherTextException e) {
            throw new IllegalStateException("HPKE failed to seal", e);
        }
    }

    /** What {@link #seal} sealed; empty when it was not for this key, or altered. */
    static Optional<byte[]> open(byte[] seed, byte[] info, byte[] aad, byte[] sealed) {
        HPKE suite = suite();
        try {
            AsymmetricCipherKeyPair pair = suite.deserializePrivateKey(seed, publicKey(seed));
            return Optional.of(
                    suite.open(
                            Arrays.copyOf(sealed, ENCAPSULATED_BYTES),
                            pair,
                            info,
                            aad,
                            Arrays.copyOfRange(sealed, ENCAPSULATED_BYTES, sealed.length),
                            null,
                            null,
                            null));
        } catch (InvalidCipherTextException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
