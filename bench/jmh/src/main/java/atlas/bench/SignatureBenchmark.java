package atlas.bench;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.conscrypt.Conscrypt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** ES256 by each provider at hand, with a known key and with one read from the message. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SignatureBenchmark {
    @Param({"jdk", "bouncy-castle", "conscrypt"})
    public String provider;

    private final byte[] message = new byte[900];
    private Provider jca;
    private PrivateKey secret;
    private PublicKey known;
    private byte[] encoded;
    private byte[] signature;

    @Setup
    public void open() throws GeneralSecurityException {
        jca =
                switch (provider) {
                    case "jdk" -> Security.getProvider("SunEC");
                    case "bouncy-castle" -> new BouncyCastleProvider();
                    default -> Conscrypt.newProvider();
                };
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        encoded = pair.getPublic().getEncoded();
        KeyFactory keys = KeyFactory.getInstance("EC", jca);
        secret = keys.generatePrivate(new PKCS8EncodedKeySpec(pair.getPrivate().getEncoded()));
        known = keys.generatePublic(new X509EncodedKeySpec(encoded));
        signature = sign();
    }

    @Benchmark
    public byte[] sign() throws GeneralSecurityException {
        Signature signing = Signature.getInstance("SHA256withECDSA", jca);
        signing.initSign(secret);
        signing.update(message);
        return signing.sign();
    }

    @Benchmark
    public boolean verify() throws GeneralSecurityException {
        return verify(known);
    }

    @Benchmark
    public boolean verifyWithANewKey() throws GeneralSecurityException {
        KeyFactory keys = KeyFactory.getInstance("EC", jca);
        return verify(keys.generatePublic(new X509EncodedKeySpec(encoded)));
    }

    private boolean verify(PublicKey key) throws GeneralSecurityException {
        Signature verifying = Signature.getInstance("SHA256withECDSA", jca);
        verifying.initVerify(key);
        verifying.update(message);
        if (!verifying.verify(signature)) {
            throw new IllegalStateException("a good signature is refused");
        }
        return true;
    }
}
