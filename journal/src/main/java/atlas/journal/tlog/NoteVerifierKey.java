package atlas.journal.tlog;

import atlas.core.crypto.Hashes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A verifier key of C2SP signed-note, {@code name+id+base64}: who may have signed, and how to tell.
 *
 * <p>Understands Ed25519 notes (type 1) and timestamped Ed25519 cosignatures (type 4); other types
 * are refused rather than ignored. Immutable and thread-safe.
 */
public final class NoteVerifierKey {
    private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final int NOTE = 1;
    private static final int COSIGNATURE = 4;
    private static final int SIGNATURE_BYTES = 64;
    private static final int TIME_BYTES = 8;

    private final String name;
    private final byte[] id;
    private final int type;
    private final byte[] raw;
    private final PublicKey key;

    private NoteVerifierKey(String name, int type, byte[] raw, PublicKey key) {
        this.name = name;
        this.type = type;
        this.raw = raw;
        this.key = key;
        this.id = keyId(name, type, raw);
    }

    /** The Ed25519 key with this name; {@code publicKey} is an X.509 encoding. */
    static NoteVerifierKey of(String name, PublicKey publicKey) {
        byte[] encoded = publicKey.getEncoded();
        byte[] raw = Arrays.copyOfRange(encoded, SPKI.length, encoded.length);
        return new NoteVerifierKey(name, NOTE, raw, publicKey);
    }

    /** Reads the text form; every byte of it must be as it should. */
    public static NoteVerifierKey parse(String text) throws MalformedException {
        String[] parts = text.split("\\+", 3);
        if (parts.length != 3 || !StrictText.isName(parts[0])) {
            throw new MalformedException("a verifier key is `name+id+key`");
        }
        byte[] typed = StrictText.base64(parts[2], "the verifier key");
        int type = typed.length == 0 ? 0 : typed[0];
        if ((type != NOTE && type != COSIGNATURE) || typed.length != 33) {
            throw new MalformedException("the verifier key is not an Ed25519 key");
        }
        byte[] raw = Arrays.copyOfRange(typed, 1, typed.length);
        if (!HexFormat.of().formatHex(keyId(parts[0], type, raw)).equals(parts[1])) {
            throw new MalformedException("the verifier key's id does not belong to its key");
        }
        return new NoteVerifierKey(parts[0], type, raw, publicKey(raw));
    }

    private static PublicKey publicKey(byte[] raw) throws MalformedException {
        byte[] encoded = Arrays.copyOf(SPKI, SPKI.length + raw.length);
        System.arraycopy(raw, 0, encoded, SPKI.length, raw.length);
        try {
            return KeyFactory.getInstance("Ed25519")
                    .generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new MalformedException("the verifier key is not a point on Ed25519");
        }
    }

    private static byte[] keyId(String name, int type, byte[] raw) {
        MessageDigest sha256 = Hashes.sha256();
        sha256.update(name.getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) '\n');
        sha256.update((byte) type);
        sha256.update(raw);
        return Arrays.copyOf(sha256.digest(), 4);
    }

    /** Who signs with this key. */
    public String name() {
        return name;
    }

    /** The first four bytes of a signature by this key. */
    byte[] id() {
        return id.clone();
    }

    boolean made(String signer, byte[] signature) {
        return name.equals(signer)
                && signature.length > 4
                && Arrays.equals(id, 0, 4, signature, 0, 4);
    }

    /** Whether {@code signature}, its key id cut off, is this key's over {@code text}. */
    boolean verifies(String text, byte[] signature) {
        if (type == NOTE) {
            return signature.length == SIGNATURE_BYTES
                    && ed25519(text.getBytes(StandardCharsets.UTF_8), signature);
        }
        if (signature.length != TIME_BYTES + SIGNATURE_BYTES) {
            return false;
        }
        long time = ByteBuffer.wrap(signature).getLong();
        String signed = "cosignature/v1\ntime " + Long.toUnsignedString(time) + "\n" + text;
        return time >= 0
                && ed25519(
                        signed.getBytes(StandardCharsets.UTF_8),
                        Arrays.copyOfRange(signature, TIME_BYTES, signature.length));
    }

    private boolean ed25519(byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }

    /** The text form. */
    @Override
    public String toString() {
        byte[] typed = new byte[1 + raw.length];
        typed[0] = (byte) type;
        System.arraycopy(raw, 0, typed, 1, raw.length);
        return name
                + "+"
                + HexFormat.of().formatHex(id)
                + "+"
                + Base64.getEncoder().encodeToString(typed);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NoteVerifierKey that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }
}
