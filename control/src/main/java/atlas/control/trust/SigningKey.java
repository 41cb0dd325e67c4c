package atlas.control.trust;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/** An ECDSA P-256 key pair as bytes, both halves, for a sealed file. */
public final class SigningKey {
    private SigningKey() {}

    /** A fresh pair, encoded. */
    public static byte[] fresh() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), new SecureRandom());
            KeyPair pair = generator.generateKeyPair();
            byte[] priv = pair.getPrivate().getEncoded();
            byte[] pub = pair.getPublic().getEncoded();
            return ByteBuffer.allocate(8 + priv.length + pub.length)
                    .putInt(priv.length)
                    .put(priv)
                    .putInt(pub.length)
                    .put(pub)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    /** The pair that {@link #fresh} encoded. */
    public static KeyPair decode(byte[] encoded) {
        try {
            ByteBuffer in = ByteBuffer.wrap(encoded);
            byte[] priv = new byte[in.getInt()];
            in.get(priv);
            byte[] pub = new byte[in.getInt()];
            in.get(pub);
            KeyFactory keys = KeyFactory.getInstance("EC");
            return new KeyPair(
                    keys.generatePublic(new X509EncodedKeySpec(pub)),
                    keys.generatePrivate(new PKCS8EncodedKeySpec(priv)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a sealed key pair is not one", e);
        }
    }

    /** The public half in PEM, as files and commands take it. */
    public static String pem(PublicKey key) {
        return pem("PUBLIC KEY", key.getEncoded());
    }

    /** Any DER in PEM armour. */
    public static String pem(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }
}
