package atlas.identity.token;

import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.core.json.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;

/**
 * The holder's side of DPoP (RFC 9449 §4.2): a key that never leaves this object, and a fresh proof
 * for each request. Thread-safe.
 */
public final class ProofMaker {
    private final KeyPair pair = EcSignatures.newPair();
    private final Jwk jwk = Jwk.of(pair.getPublic());
    private final SecureRandom random = new SecureRandom();
    private final Clock clock;

    /** With a key of its own. */
    public ProofMaker(Clock clock) {
        this.clock = clock;
    }

    /** The RFC 7638 thumbprint of the key, which tokens are bound to. */
    public String thumbprint() {
        return jwk.thumbprint();
    }

    /**
     * A proof for one request.
     *
     * @param target the URL; query and fragment are left out
     * @param token the token that is sent with it
     * @param nonce the last one that the server gave
     */
    public String proof(
            String method, URI target, Optional<Sensitive<String>> token, Optional<String> nonce) {
        byte[] id = new byte[16];
        random.nextBytes(id);
        String htu = target.getScheme() + "://" + target.getRawAuthority() + target.getRawPath();
        byte[] payload =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("jti", Compact.encode(id));
                    out.writeStringField("htm", method);
                    out.writeStringField("htu", htu);
                    out.writeNumberField("iat", clock.instant().getEpochSecond());
                    if (token.isPresent()) {
                        byte[] text = token.get().reveal().getBytes(StandardCharsets.US_ASCII);
                        out.writeStringField("ath", Compact.encode(Hashes.sha256().digest(text)));
                    }
                    if (nonce.isPresent()) {
                        out.writeStringField("nonce", nonce.get());
                    }
                    out.writeEndObject();
                });
        byte[] header =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("typ", "dpop+jwt");
                    out.writeStringField("alg", EcSignatures.ALGORITHM);
                    out.writeObjectFieldStart("jwk");
                    jwk.write(out);
                    out.writeEndObject();
                    out.writeEndObject();
                });
        String signed = Compact.toSign(header, payload);
        byte[] signature = sign(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + Compact.encode(signature);
    }

    byte[] sign(byte[] message) {
        return EcSignatures.sign(pair.getPrivate(), message);
    }
}
