package atlas.core.crypto;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * FLOE (c2sp.org/FLOE) with AES-256-GCM and HKDF-Expand-SHA-384: one message as segments that can
 * be sealed and opened each by itself. The header tag commits to key and associated data; every
 * segment is bound to its position and to whether it is the last.
 *
 * <p>An instance is the state of one message. Thread-safe; the cipher is the caller's, one per
 * thread.
 */
public final class Floe {
    static final int IV_BYTES = 32;

    /** Bytes of {@link #header}. */
    public static final int HEADER_BYTES = 10 + IV_BYTES + 32;

    /** Length word, GCM nonce and tag around the bytes of a segment. */
    public static final int SEGMENT_OVERHEAD = 4 + 12 + 16;

    private static final int NOT_FINAL = 0xFFFFFFFF;
    private static final int MESSAGE_KEY_BYTES = 48;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * The free parameters.
     *
     * @param segmentBytes encrypted length of every segment but the last
     * @param rotationBits 2 to this many segments share one key; 20 outside of tests
     */
    public record Parameters(int segmentBytes, int rotationBits) {
        public Parameters {
            if (segmentBytes <= SEGMENT_OVERHEAD) {
                throw new IllegalArgumentException("a segment has more than 32 bytes");
            }
        }

        public int plainBytes() {
            return segmentBytes - SEGMENT_OVERHEAD;
        }

        // PARAM_ENCODE: AEAD_ID 0, KDF_ID 0, ENC_SEG_LEN, FLOE_IV_LEN.
        byte[] encoded() {
            return ByteBuffer.allocate(10)
                    .put((byte) 0)
                    .put((byte) 0)
                    .putInt(segmentBytes)
                    .putInt(IV_BYTES)
                    .array();
        }
    }

    /** A segment key and which run of segments it serves. */
    private record SegmentKey(long run, SecretKeySpec key) {}

    private final Parameters parameters;
    private final byte[] messageKey;
    private final byte[] iv;
    private final byte[] associatedData;
    private final byte[] header;
    private volatile SegmentKey segmentKey;

    private Floe(Parameters parameters, byte[] key, byte[] iv, byte[] associatedData) {
        this.parameters = parameters;
        this.iv = iv;
        this.associatedData = associatedData;
        byte[] tag = kdf(key, ascii("HEADER_TAG:"), 32);
        this.header =
                ByteBuffer.allocate(HEADER_BYTES)
                        .put(parameters.encoded())
                        .put(iv)
                        .put(tag)
                        .array();
        this.messageKey = kdf(key, ascii("MESSAGE_KEY:"), MESSAGE_KEY_BYTES);
        this.segmentKey = derive(0);
    }

    /** startEncryption. */
    public static Floe start(Parameters parameters, byte[] key, byte[] associatedData) {
        byte[] iv = new byte[IV_BYTES];
        RANDOM.nextBytes(iv);
        return new Floe(parameters, key, iv, associatedData);
    }

    /**
     * startDecryption.
     *
     * @throws SealBrokenException when the header is not for this key and associated data
     */
    public static Floe open(
            Parameters parameters, byte[] key, byte[] associatedData, byte[] header) {
        if (header.length != HEADER_BYTES
                || !Arrays.equals(parameters.encoded(), 0, 10, header, 0, 10)) {
            throw new SealBrokenException("not a FLOE header of these parameters", null);
        }
        byte[] iv = Arrays.copyOfRange(header, 10, 10 + IV_BYTES);
        Floe floe = new Floe(parameters, key, iv, associatedData);
        if (!MessageDigest.isEqual(floe.header, header)) {
            throw new SealBrokenException("the header does not belong to this key and place", null);
        }
        return floe;
    }

    public byte[] header() {
        return header.clone();
    }

    /** encryptSegment: reads all of {@code plain}, returns the bytes written to {@code out}. */
    public int seal(
            Cipher cipher, long position, boolean last, byte[] plain, int length, byte[] out) {
        byte[] nonce = new byte[12];
        RANDOM.nextBytes(nonce);
        int sealed = length + SEGMENT_OVERHEAD;
        ByteBuffer.wrap(out).putInt(last ? sealed : NOT_FINAL).put(nonce);
        try {
            init(cipher, Cipher.ENCRYPT_MODE, position, last, nonce);
            cipher.doFinal(plain, 0, length, out, 16);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM failed to seal", e);
        }
        return sealed;
    }

    /**
     * decryptSegment: opens the whole of {@code segment} into {@code out}.
     *
     * @throws SealBrokenException when the segment is not the one sealed for this position; what
     *     was written to {@code out} is then not to be used
     */
    public void open(
            Cipher cipher, long position, boolean last, ByteBuffer segment, ByteBuffer out) {
        int length = segment.remaining();
        boolean fits =
                last
                        ? length >= SEGMENT_OVERHEAD && length <= parameters.segmentBytes()
                        : length == parameters.segmentBytes();
        if (!fits || segment.getInt() != (last ? length : NOT_FINAL)) {
            throw broken(position, null);
        }
        byte[] nonce = new byte[12];
        segment.get(nonce);
        try {
            init(cipher, Cipher.DECRYPT_MODE, position, last, nonce);
            cipher.doFinal(segment, out);
        } catch (AEADBadTagException e) {
            throw broken(position, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM failed to open", e);
        }
    }

    private static SealBrokenException broken(long position, @Nullable Exception cause) {
        return new SealBrokenException("chunk " + position + " was altered", cause);
    }

    private void init(Cipher cipher, int mode, long position, boolean last, byte[] nonce)
            throws GeneralSecurityException {
        long run = position >>> parameters.rotationBits() << parameters.rotationBits();
        SegmentKey key = segmentKey;
        if (key.run() != run) {
            key = derive(run);
            segmentKey = key;
        }
        cipher.init(mode, key.key(), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(
                ByteBuffer.allocate(9).putLong(position).put((byte) (last ? 1 : 0)).array());
    }

    private SegmentKey derive(long run) {
        byte[] purpose = ByteBuffer.allocate(12).put(ascii("DEK:")).putLong(run).array();
        return new SegmentKey(run, new SecretKeySpec(kdf(messageKey, purpose, 32), "AES"));
    }

    // FLOE_KDF: one block of HKDF-Expand-SHA-384, as no output here exceeds 48 bytes.
    private byte[] kdf(byte[] key, byte[] purpose, int length) {
        try {
            Mac mac = Mac.getInstance("HmacSHA384");
            mac.init(new SecretKeySpec(key, "HmacSHA384"));
            mac.update(parameters.encoded());
            mac.update(iv);
            mac.update(purpose);
            mac.update(associatedData);
            mac.update((byte) 1);
            return Arrays.copyOf(mac.doFinal(), length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA384", e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
