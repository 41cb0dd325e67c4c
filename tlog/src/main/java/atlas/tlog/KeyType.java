package atlas.tlog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The kinds of C2SP signed-note keys understood here: what each signs, and with what. */
enum KeyType {
    /** Ed25519 over the note's text. */
    NOTE(1, "Ed25519", "302a300506032b6570032100", 32, 64),
    /** Timestamped Ed25519 cosignature over the note's text, C2SP tlog-cosignature. */
    COSIGNATURE(4, "Ed25519", "302a300506032b6570032100", 32, 64),
    /**
     * Timestamped ML-DSA-44 cosignature over origin, size and root; extension lines are not
     * covered.
     */
    ML_DSA_44(6, "ML-DSA-44", "30820532300b06096086480165030403110382052100", 1312, 2420);

    private static final int TIME_BYTES = Long.BYTES;
    private static final byte[] LABEL = "subtree/v1\n\0".getBytes(StandardCharsets.US_ASCII);

    private final int code;
    private final String algorithm;
    private final byte[] spki;
    private final int keyBytes;
    private final int signatureBytes;

    KeyType(int code, String algorithm, String spki, int keyBytes, int signatureBytes) {
        this.code = code;
        this.algorithm = algorithm;
        this.spki = HexFormat.of().parseHex(spki);
        this.keyBytes = keyBytes;
        this.signatureBytes = signatureBytes;
    }

    /** The type of {@code typed}, a type byte and a raw key; empty when it is none of these. */
    static Optional<KeyType> of(byte[] typed) {
        return Arrays.stream(values())
                .filter(type -> typed.length == 1 + type.keyBytes && typed[0] == type.code)
                .findFirst();
    }

    byte code() {
        return (byte) code;
    }

    /** What the JDK calls it. */
    String algorithm() {
        return algorithm;
    }

    boolean timestamped() {
        return this != NOTE;
    }

    byte[] raw(PublicKey key) {
        byte[] encoded = key.getEncoded();
        return Arrays.copyOfRange(encoded, spki.length, encoded.length);
    }

    PublicKey publicKey(byte[] raw) throws MalformedException {
        byte[] encoded = Arrays.copyOf(spki, spki.length + raw.length);
        System.arraycopy(raw, 0, encoded, spki.length, raw.length);
        try {
            return KeyFactory.getInstance(algorithm)
                    .generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new MalformedException("the verifier key is not a key of " + algorithm);
        }
    }

    /**
     * When a signature of this type was made, in POSIX seconds; empty when it carries no time or is
     * not of this type at all.
     */
    Optional<Long> time(byte[] signature) {
        if (!timestamped() || signature.length != TIME_BYTES + signatureBytes) {
            return Optional.empty();
        }
        long time = ByteBuffer.wrap(signature).getLong();
        return time < 0 ? Optional.empty() : Optional.of(time);
    }

    /** Whether {@code signature}, its key id cut off, is one by {@code key} over {@code text}. */
    boolean verifies(String name, PublicKey key, String text, byte[] signature) {
        if (this == NOTE) {
            return signature.length == signatureBytes
                    && verifies(key, text.getBytes(StandardCharsets.UTF_8), signature);
        }
        Optional<Long> time = time(signature);
        if (time.isEmpty()) {
            return false;
        }
        byte[] bare = Arrays.copyOfRange(signature, TIME_BYTES, signature.length);
        try {
            return verifies(key, message(name, text, time.get()), bare);
        } catch (MalformedException e) {
            return false;
        }
    }

    /** Whether it is a bare signature of this type's algorithm. */
    boolean verifies(PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK 25 has " + algorithm, e);
        }
    }

    /** The bytes that a cosigner of this name signs at this time. */
    byte[] message(String name, String text, long time) throws MalformedException {
        if (this == COSIGNATURE) {
            return ("cosignature/v1\ntime " + time + "\n" + text).getBytes(StandardCharsets.UTF_8);
        }
        CheckpointText checkpoint = CheckpointText.parse(text);
        byte[] cosigner = opaque(name, "the cosigner's name");
        byte[] origin = opaque(checkpoint.origin(), "the origin");
        return ByteBuffer.allocate(LABEL.length + cosigner.length + origin.length + 3 * 8 + 32)
                .put(LABEL)
                .put(cosigner)
                .putLong(time)
                .put(origin)
                .putLong(0)
                .putLong(checkpoint.size())
                .put(checkpoint.root().bytes())
                .array();
    }

    /** RFC 8446 §3.4: {@code opaque<1..2^8-1>}, its length before it. */
    private static byte[] opaque(String text, String what) throws MalformedException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < 1 || bytes.length > 255) {
            throw new MalformedException(what + " has 1 to 255 bytes");
        }
        return ByteBuffer.allocate(1 + bytes.length).put((byte) bytes.length).put(bytes).array();
    }
}
