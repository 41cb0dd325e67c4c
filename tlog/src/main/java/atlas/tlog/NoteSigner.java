package atlas.tlog;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Clock;
import java.util.Optional;

/** Signs notes with Ed25519 under a name. Thread-safe; the key leaves only by {@link #pkcs8}. */
public final class NoteSigner {
    private final PrivateKey key;
    private final PublicKey publicKey;
    private final NoteVerifierKey verifier;
    private final Optional<Second> second;

    /** Who signs checkpoints as well, and by which clock. */
    private record Second(Cosigner cosigner, Clock clock) {}

    private NoteSigner(String name, PrivateKey key, PublicKey publicKey, Optional<Second> second) {
        if (!StrictText.isName(name) || name.length() > 255) {
            throw new IllegalArgumentException(
                    "a log's name has no white space and no plus: `" + name + "`");
        }
        this.key = key;
        this.publicKey = publicKey;
        this.second = second;
        this.verifier = NoteVerifierKey.of(name, KeyType.NOTE, publicKey);
    }

    /** A new key pair. */
    public static NoteSigner generate(String name) {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new NoteSigner(name, pair.getPrivate(), pair.getPublic(), Optional.empty());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }

    /**
     * The signer with these encoded keys.
     *
     * @throws IllegalArgumentException when they are not an Ed25519 pair
     */
    public static NoteSigner of(String name, byte[] pkcs8, byte[] spki) {
        try {
            KeyFactory factory = KeyFactory.getInstance("Ed25519");
            NoteSigner signer =
                    new NoteSigner(
                            name,
                            factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8)),
                            factory.generatePublic(new X509EncodedKeySpec(spki)),
                            Optional.empty());
            signer.refuseMismatch();
            return signer;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not an Ed25519 key pair", e);
        }
    }

    private void refuseMismatch() {
        String probe = "probe\n";
        if (!verifier.verifies(probe, signature(probe))) {
            throw new IllegalArgumentException("the two Ed25519 keys are not a pair");
        }
    }

    /** This signer, with a second line under every checkpoint. */
    public NoteSigner with(Cosigner cosigner, Clock clock) {
        Optional<Second> also = Optional.of(new Second(cosigner, clock));
        return new NoteSigner(verifier.name(), key, publicKey, also);
    }

    /** The signed checkpoint. */
    public String checkpoint(CheckpointText text) {
        String note = sign(text.text());
        return second.map(also ->
                        note + also.cosigner().line(text, also.clock().instant().getEpochSecond()))
                .orElse(note);
    }

    /** The key others verify with. */
    public NoteVerifierKey verifierKey() {
        return verifier;
    }

    /** The private key; whoever holds it can sign as this log. */
    public byte[] pkcs8() {
        return key.getEncoded();
    }

    /** The public key, X.509 encoded. */
    public byte[] spki() {
        return publicKey.getEncoded();
    }

    /** The signed note over a text that ends with a newline. */
    public String sign(String text) {
        if (!text.endsWith("\n")) {
            throw new IllegalArgumentException("a note's text ends with a newline");
        }
        byte[] signature = signature(text);
        byte[] blob = new byte[4 + signature.length];
        System.arraycopy(verifier.id(), 0, blob, 0, 4);
        System.arraycopy(signature, 0, blob, 4, signature.length);
        return text + "\n" + new SignedNote.Line(verifier.name(), blob).text();
    }

    private byte[] signature(String text) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(key);
            signer.update(text.getBytes(StandardCharsets.UTF_8));
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signing with an Ed25519 key", e);
        }
    }
}
