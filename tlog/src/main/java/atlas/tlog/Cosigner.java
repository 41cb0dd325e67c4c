package atlas.tlog;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
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
import java.util.Arrays;

/**
 * Signs C2SP tlog-cosignatures under a name, with Ed25519 or ML-DSA-44. Thread-safe; the key leaves
 * only by {@link #encoded}.
 */
public final class Cosigner {
    private final KeyType type;
    private final PrivateKey key;
    private final PublicKey publicKey;
    private final NoteVerifierKey verifier;

    private Cosigner(String name, KeyType type, PrivateKey key, PublicKey publicKey) {
        if (!StrictText.isName(name) || name.length() > 255) {
            throw new IllegalArgumentException(
                    "a cosigner's name has no white space and no plus: `" + name + "`");
        }
        this.type = type;
        this.key = key;
        this.publicKey = publicKey;
        this.verifier = NoteVerifierKey.of(name, type, publicKey);
    }

    /** What a cosigner signs with. */
    public enum Algorithm {
        ED25519(KeyType.COSIGNATURE),
        ML_DSA_44(KeyType.ML_DSA_44);

        private final KeyType type;

        Algorithm(KeyType type) {
            this.type = type;
        }
    }

    /** A new key pair. */
    public static Cosigner generate(String name, Algorithm algorithm) {
        try {
            KeyPair pair =
                    KeyPairGenerator.getInstance(algorithm.type.algorithm()).generateKeyPair();
            return new Cosigner(name, algorithm.type, pair.getPrivate(), pair.getPublic());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK 25 has " + algorithm, e);
        }
    }

    /**
     * The cosigner with these encoded keys.
     *
     * @throws IllegalArgumentException when they are not a pair of that algorithm
     */
    static Cosigner of(String name, Algorithm algorithm, byte[] pkcs8, byte[] spki) {
        try {
            KeyFactory factory = KeyFactory.getInstance(algorithm.type.algorithm());
            Cosigner cosigner =
                    new Cosigner(
                            name,
                            algorithm.type,
                            factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8)),
                            factory.generatePublic(new X509EncodedKeySpec(spki)));
            cosigner.refuseMismatch();
            return cosigner;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a key pair of " + algorithm, e);
        }
    }

    /**
     * The cosigner once {@link #encoded}.
     *
     * @throws IllegalArgumentException when the bytes are none
     */
    public static Cosigner decode(byte[] encoded) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        try {
            Algorithm algorithm = Algorithm.valueOf(new String(part(in), StandardCharsets.UTF_8));
            String name = new String(part(in), StandardCharsets.UTF_8);
            return of(name, algorithm, part(in), part(in));
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("the encoded cosigner ends too early", e);
        }
    }

    private static byte[] part(ByteBuffer in) {
        byte[] part = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(part);
        return part;
    }

    /** Everything, the private key too; for sealing. */
    public byte[] encoded() {
        byte[][] parts = {
            algorithm().name().getBytes(StandardCharsets.UTF_8),
            verifier.name().getBytes(StandardCharsets.UTF_8),
            key.getEncoded(),
            publicKey.getEncoded()
        };
        ByteBuffer out =
                ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> 2 + p.length).sum());
        for (byte[] part : parts) {
            out.putShort((short) part.length).put(part);
        }
        return out.array();
    }

    private Algorithm algorithm() {
        return type == KeyType.COSIGNATURE ? Algorithm.ED25519 : Algorithm.ML_DSA_44;
    }

    private void refuseMismatch() {
        CheckpointText probe = new CheckpointText("probe", 0, TreeHasher.emptyRoot());
        if (!verifier.verifies(probe.text(), signature(probe, 1))) {
            throw new IllegalArgumentException("the two keys are not a pair");
        }
    }

    /** The key others verify with. */
    public NoteVerifierKey verifierKey() {
        return verifier;
    }

    /**
     * The signature line over a checkpoint, newline included.
     *
     * @param time POSIX seconds; never 0, which would say that no time is meant
     */
    public String line(CheckpointText checkpoint, long time) {
        if (time <= 0) {
            throw new IllegalArgumentException("a cosignature is made after 1970");
        }
        byte[] signature = signature(checkpoint, time);
        byte[] blob =
                ByteBuffer.allocate(4 + signature.length).put(verifier.id()).put(signature).array();
        return new SignedNote.Line(verifier.name(), blob).text();
    }

    private byte[] signature(CheckpointText checkpoint, long time) {
        try {
            Signature signer = Signature.getInstance(type.algorithm());
            signer.initSign(key);
            signer.update(type.message(verifier.name(), checkpoint.text(), time));
            byte[] bare = signer.sign();
            return ByteBuffer.allocate(Long.BYTES + bare.length).putLong(time).put(bare).array();
        } catch (MalformedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signing with a key of " + type.algorithm(), e);
        }
    }
}
