package atlas.registry.oms;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Optional;
import javax.crypto.KeyAgreement;

/** The curves OMS signs on, each with the one hash that goes with it. */
enum EcCurve {
    P256("secp256r1", "SHA256withECDSA"),
    P384("secp384r1", "SHA384withECDSA"),
    P521("secp521r1", "SHA512withECDSA");

    private final String signature;
    private final ECParameterSpec parameters;

    EcCurve(String name, String signature) {
        this.signature = signature;
        try {
            AlgorithmParameters named = AlgorithmParameters.getInstance("EC");
            named.init(new ECGenParameterSpec(name));
            this.parameters = named.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }

    /** JCA name of the signature algorithm. */
    String signature() {
        return signature;
    }

    /** The curve of a key; empty for RSA, Edwards keys and other curves. */
    static Optional<EcCurve> of(Key key) {
        if (key instanceof ECKey ec) {
            for (EcCurve curve : values()) {
                ECParameterSpec known = curve.parameters;
                ECParameterSpec given = ec.getParams();
                if (known.getCurve().equals(given.getCurve())
                        && known.getGenerator().equals(given.getGenerator())
                        && known.getOrder().equals(given.getOrder())
                        && known.getCofactor() == given.getCofactor()) {
                    return Optional.of(curve);
                }
            }
        }
        return Optional.empty();
    }

    /**
     * The public half of a private key on this curve. Diffie-Hellman with the generator gives its x
     * coordinate without ever handling the secret number here; of the two points with that x, the
     * right one verifies what the key signs.
     */
    PublicKey publicKey(PrivateKey key) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("EC");
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(key);
        agreement.doPhase(
                factory.generatePublic(new ECPublicKeySpec(parameters.getGenerator(), parameters)),
                true);
        BigInteger x = new BigInteger(1, agreement.generateSecret());
        BigInteger y = root(x);
        for (BigInteger candidate : new BigInteger[] {y, prime().subtract(y)}) {
            PublicKey publicKey =
                    factory.generatePublic(
                            new ECPublicKeySpec(new ECPoint(x, candidate), parameters));
            if (belong(key, publicKey)) {
                return publicKey;
            }
        }
        throw new GeneralSecurityException("no public key goes with this private key");
    }

    /** Whether what one key signs, the other verifies. */
    boolean belong(PrivateKey key, PublicKey publicKey) throws GeneralSecurityException {
        byte[] probe = "atlas key pair probe".getBytes(StandardCharsets.US_ASCII);
        Signature signer = Signature.getInstance(signature);
        signer.initSign(key);
        signer.update(probe);
        byte[] made = signer.sign();
        Signature verifier = Signature.getInstance(signature);
        verifier.initVerify(publicKey);
        verifier.update(probe);
        return verifier.verify(made);
    }

    // y^2 = x^3 + ax + b; all three primes are 3 mod 4, so a power gives the root.
    private BigInteger root(BigInteger x) {
        BigInteger p = prime();
        BigInteger square =
                x.pow(3)
                        .add(parameters.getCurve().getA().multiply(x))
                        .add(parameters.getCurve().getB())
                        .mod(p);
        return square.modPow(p.add(BigInteger.ONE).shiftRight(2), p);
    }

    private BigInteger prime() {
        return ((ECFieldFp) parameters.getCurve().getField()).getP();
    }
}
