package atlas.registry.oms;

import atlas.core.json.Json;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Base64;
import java.util.Optional;

/**
 * A second bundle over the very bytes of the first, by a key of ML-DSA-65, for the day on which
 * elliptic curves are broken. Where it is required both count: it adds to the first signature and
 * never replaces it. Two files, as a bundle holds exactly one signature. Thread-safe.
 */
public final class SecondSignature {
    /** What the second bundle is called beside {@code model.sig}. */
    public static final String FILE = "model.ml-dsa-65.sig";

    private static final String ALGORITHM = "ML-DSA-65";

    private SecondSignature() {}

    /**
     * Why the second bundle does not stand behind the first; empty when it does.
     *
     * @param first a bundle that was verified
     */
    public static Optional<String> problem(byte[] first, byte[] second, PublicKey key) {
        try {
            OmsBundle bundle = OmsBundle.parse(second);
            if (bundle.mode() != OmsBundle.Mode.KEY
                    || !bundle.keyClaim().hint().equals(Optional.of(Pem.hint(key)))) {
                return Optional.of("the second signature is not by the ML-DSA-65 key trusted here");
            }
            byte[] payload = OmsBundle.parse(first).payload();
            if (!MessageDigest.isEqual(payload, bundle.payload())) {
                return Optional.of("the two signatures are not over the same bytes");
            }
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(OmsTrust.preAuthentication(bundle.payloadType(), payload));
            if (!bundle.payloadType().equals(OmsStatement.PAYLOAD_TYPE)
                    || !verifier.verify(bundle.signature())) {
                return Optional.of("the second signature does not hold");
            }
            return Optional.empty();
        } catch (Refused e) {
            return Optional.of("the second signature: " + e.reason());
        } catch (SignatureException e) {
            return Optional.of("the second signature is not one of ML-DSA-65");
        } catch (GeneralSecurityException e) {
            return Optional.of("the second key is not one of ML-DSA-65");
        }
    }

    /**
     * The second bundle for a first one.
     *
     * @throws OmsException when the keys are not a pair of ML-DSA-65
     */
    public static byte[] sign(byte[] first, PrivateKey key, PublicKey publicKey) {
        try {
            byte[] payload = OmsBundle.parse(first).payload();
            Signature signer = Signature.getInstance(ALGORITHM);
            signer.initSign(key);
            signer.update(OmsTrust.preAuthentication(OmsStatement.PAYLOAD_TYPE, payload));
            byte[] bundle = bundle(payload, signer.sign(), publicKey);
            Optional<String> problem = problem(first, bundle, publicKey);
            if (problem.isPresent()) {
                throw new OmsException("the two ML-DSA-65 keys are not a pair", null);
            }
            return bundle;
        } catch (Refused e) {
            throw new OmsException("the first signature cannot be read: " + e.reason(), e);
        } catch (GeneralSecurityException e) {
            throw new OmsException("the key cannot sign with ML-DSA-65", e);
        }
    }

    private static byte[] bundle(byte[] payload, byte[] signature, PublicKey key) {
        Base64.Encoder base64 = Base64.getEncoder();
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("mediaType", OmsBundle.MEDIA_TYPE);
            out.writeObjectFieldStart("verificationMaterial");
            out.writeObjectFieldStart("publicKey");
            out.writeStringField("hint", Pem.hint(key));
            out.writeEndObject();
            out.writeArrayFieldStart("tlogEntries");
            out.writeEndArray();
            out.writeEndObject();
            out.writeObjectFieldStart("dsseEnvelope");
            out.writeStringField("payload", base64.encodeToString(payload));
            out.writeStringField("payloadType", OmsStatement.PAYLOAD_TYPE);
            out.writeArrayFieldStart("signatures");
            out.writeStartObject();
            out.writeStringField("sig", base64.encodeToString(signature));
            out.writeStringField("keyid", "");
            out.writeEndObject();
            out.writeEndArray();
            out.writeEndObject();
            out.writeEndObject();
        });
    }
}
