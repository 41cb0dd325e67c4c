package atlas.tlog;

import atlas.core.crypto.Hashes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A verifier key of C2SP signed-note, {@code name+id+base64}: who may have signed, and how to tell.
 *
 * <p>Understands Ed25519 notes (type 1) and the timestamped cosignatures, Ed25519 (type 4) and
 * ML-DSA-44 (type 6); other types are refused rather than ignored. Immutable and thread-safe.
 */
public final class NoteVerifierKey {
    private final String name;
    private final byte[] id;
    private final KeyType type;
    private final byte[] raw;
    private final PublicKey key;

    private NoteVerifierKey(String name, KeyType type, byte[] raw, PublicKey key) {
        this.name = name;
        this.type = type;
        this.raw = raw;
        this.key = key;
        this.id = keyId(name, type, raw);
    }

    /** The key with this name. */
    static NoteVerifierKey of(String name, KeyType type, PublicKey publicKey) {
        return new NoteVerifierKey(name, type, type.raw(publicKey), publicKey);
    }

    /** Reads the text form; every byte of it must be as it should. */
    public static NoteVerifierKey parse(String text) throws MalformedException {
        String[] parts = text.split("\\+", 3);
        if (parts.length != 3 || !StrictText.isName(parts[0])) {
            throw new MalformedException("a verifier key is `name+id+key`");
        }
        byte[] typed = StrictText.base64(parts[2], "the verifier key");
        KeyType type =
                KeyType.of(typed)
                        .orElseThrow(() ->
                                new MalformedException(
                                        "the verifier key is not an Ed25519 key, nor one of"
                                                + " ML-DSA-44"));
        byte[] raw = Arrays.copyOfRange(typed, 1, typed.length);
        if (!HexFormat.of().formatHex(keyId(parts[0], type, raw)).equals(parts[1])) {
            throw new MalformedException("the verifier key's id does not belong to its key");
        }
        return new NoteVerifierKey(parts[0], type, raw, type.publicKey(raw));
    }

    private static byte[] keyId(String name, KeyType type, byte[] raw) {
        MessageDigest sha256 = Hashes.sha256();
        sha256.update(name.getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) '\n');
        sha256.update(type.code());
        sha256.update(raw);
        return Arrays.copyOf(sha256.digest(), 4);
    }

    /** Who signs with this key. */
    public String name() {
        return name;
    }

    /** Whether its signatures say when they were made, as those of witnesses do. */
    public boolean timestamped() {
        return type.timestamped();
    }

    /** Whether the key itself is the same, whatever name and type it goes under. */
    boolean samePublicKey(NoteVerifierKey other) {
        return Arrays.equals(raw, other.raw);
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
        return type.verifies(name, key, text, signature);
    }

    /** When a signature of this key says it was made, in POSIX seconds; its key id is cut off. */
    Optional<Long> time(byte[] signature) {
        return type.time(signature);
    }

    /** The text form. */
    @Override
    public String toString() {
        byte[] typed = new byte[1 + raw.length];
        typed[0] = type.code();
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
