package atlas.core.crypto;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The small-message format: AES-256-GCM under a key made for this one message, with a commitment.
 *
 * <pre>
 * magic "AtS1" (4) | key version (4) | salt (24) | commitment (32) | ciphertext | tag (16)
 * message key (32) || commitment (32) =
 *     HKDF-Expand-SHA-256(key, "atlas-seal/1" || magic || version || salt || associated data)
 * </pre>
 *
 * A fresh key for each message removes GCM's limit on messages under one key, so the GCM nonce may
 * be constant. The commitment covers key, salt and associated data: no second key opens the bytes.
 */
public final class SealFormat {
    static final int MAGIC = 0x41745331;
    static final int SALT_BYTES = 24;
    static final int COMMITMENT_BYTES = 32;
    static final int TAG_BYTES = 16;
    static final int HEADER_BYTES = 8 + SALT_BYTES + COMMITMENT_BYTES;

    /** Bytes a message grows by. */
    public static final int OVERHEAD_BYTES = HEADER_BYTES + TAG_BYTES;

    /** Bytes of a key. */
    public static final int KEY_BYTES = 32;

    private static final String HMAC = "HmacSHA256";
    private static final String GCM = "AES/GCM/NoPadding";
    private static final byte[] LABEL = "atlas-seal/1".getBytes(StandardCharsets.US_ASCII);
    private static final int PREFIX_BYTES = 8 + SALT_BYTES;
    private static final GCMParameterSpec ZERO_NONCE =
            new GCMParameterSpec(8 * TAG_BYTES, new byte[12]);
    private static final SecureRandom RANDOM = new SecureRandom();

    // Looking a provider up costs more than sealing; which one it is does not change.
    private static final Provider MACS = provider(() -> Mac.getInstance(HMAC).getProvider());
    private static final Provider CIPHERS = provider(() -> Cipher.getInstance(GCM).getProvider());

    private SealFormat() {}

    private interface Lookup {
        Provider find() throws GeneralSecurityException;
    }

    private static Provider provider(Lookup lookup) {
        try {
            return lookup.find();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256 and AES-256-GCM", e);
        }
    }

    /** Fresh key bytes. */
    public static byte[] newKey() {
        byte[] key = new byte[KEY_BYTES];
        RANDOM.nextBytes(key);
        return key;
    }

    /** Seals; {@code version} is written into the header and bound. */
    public static byte[] seal(
            SecretKeySpec key, int version, byte[] plaintext, byte[] associatedData) {
        byte[] sealed = new byte[Math.addExact(OVERHEAD_BYTES, plaintext.length)];
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        ByteBuffer.wrap(sealed).putInt(MAGIC).putInt(version).put(salt);
        byte[][] derived = derive(key, sealed, associatedData);
        System.arraycopy(derived[1], 0, sealed, PREFIX_BYTES, COMMITMENT_BYTES);
        try {
            Cipher cipher = Cipher.getInstance(GCM, CIPHERS);
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(derived[0], "AES"), ZERO_NONCE);
            cipher.updateAAD(sealed, 0, HEADER_BYTES);
            cipher.doFinal(plaintext, 0, plaintext.length, sealed, HEADER_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM failed to seal", e);
        } finally {
            Arrays.fill(derived[0], (byte) 0);
        }
        return sealed;
    }

    /**
     * The key version these bytes name; not authenticated until they open.
     *
     * @throws SealBrokenException when they are not in this format
     */
    public static int version(byte[] sealed) {
        if (sealed.length < OVERHEAD_BYTES) {
            throw new SealBrokenException(
                    "sealed bytes are cut short: " + sealed.length + " bytes", null);
        }
        ByteBuffer header = ByteBuffer.wrap(sealed);
        if (header.getInt() != MAGIC) {
            throw new SealBrokenException("not in the sealed format", null);
        }
        return header.getInt();
    }

    /**
     * Opens.
     *
     * @throws SealBrokenException when the bytes, the key or the associated data are not the ones
     *     sealed
     */
    public static byte[] open(SecretKeySpec key, byte[] sealed, byte[] associatedData) {
        version(sealed);
        byte[][] derived = derive(key, sealed, associatedData);
        byte[] commitment = Arrays.copyOfRange(sealed, PREFIX_BYTES, HEADER_BYTES);
        if (!MessageDigest.isEqual(commitment, derived[1])) {
            throw new SealBrokenException(
                    "sealed bytes do not belong to this key and this place", null);
        }
        try {
            Cipher cipher = Cipher.getInstance(GCM, CIPHERS);
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(derived[0], "AES"), ZERO_NONCE);
            cipher.updateAAD(sealed, 0, HEADER_BYTES);
            return cipher.doFinal(sealed, HEADER_BYTES, sealed.length - HEADER_BYTES);
        } catch (AEADBadTagException e) {
            throw new SealBrokenException("sealed bytes were altered", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM failed to open", e);
        } finally {
            Arrays.fill(derived[0], (byte) 0);
        }
    }

    // RFC 5869 section 2.3 with L = 64: T(1) is the message key, T(2) the commitment.
    private static byte[][] derive(SecretKeySpec key, byte[] sealed, byte[] associatedData) {
        try {
            Mac mac = Mac.getInstance(HMAC, MACS);
            mac.init(key);
            info(mac, sealed, associatedData);
            mac.update((byte) 1);
            byte[] first = mac.doFinal();
            mac.update(first);
            info(mac, sealed, associatedData);
            mac.update((byte) 2);
            return new byte[][] {first, mac.doFinal()};
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static void info(Mac mac, byte[] sealed, byte[] associatedData) {
        mac.update(LABEL);
        mac.update(sealed, 0, PREFIX_BYTES);
        mac.update(associatedData);
    }
}
