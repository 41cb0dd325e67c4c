package atlas.identity.token;

import atlas.core.crypto.Hashes;
import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A P-256 public key as a JWK (RFC 7517, RFC 7518 §6.2).
 *
 * @param x base64url of the 32 bytes
 * @param thumbprint RFC 7638, base64url
 */
record Jwk(String x, String y, String thumbprint, PublicKey key) {
    private static final BigInteger P =
            new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
    private static final BigInteger B =
            new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);
    private static final BigInteger THREE = BigInteger.valueOf(3);

    /** What comes before the point in the X.509 form of every P-256 key (RFC 5480). */
    private static final byte[] PREFIX =
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    private static final Set<String> PRIVATE = Set.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");

    /** Reads one that somebody sent: the right curve, a point on it, nothing private. */
    static Jwk parse(JsonObject jwk) throws TokenFault {
        for (String name : jwk.names()) {
            if (PRIVATE.contains(name)) {
                throw new TokenFault("jwk_private");
            }
        }
        if (!jwk.text("kty").equals("EC") || !jwk.text("crv").equals("P-256")) {
            throw new TokenFault("jwk_unsupported");
        }
        byte[] x = Compact.decode(jwk.text("x"));
        byte[] y = Compact.decode(jwk.text("y"));
        if (x.length != 32 || y.length != 32 || !onCurve(x, y)) {
            throw new TokenFault("jwk_not_a_point");
        }
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + 64);
        System.arraycopy(x, 0, encoded, PREFIX.length, 32);
        System.arraycopy(y, 0, encoded, PREFIX.length + 32, 32);
        try {
            return of(EcSignatures.publicKey(encoded));
        } catch (GeneralSecurityException e) {
            throw new TokenFault("jwk_not_a_point");
        }
    }

    static Jwk of(PublicKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded.length != PREFIX.length + 64
                || !Arrays.equals(encoded, 0, PREFIX.length, PREFIX, 0, PREFIX.length)) {
            throw new IllegalArgumentException("not a P-256 key in uncompressed form");
        }
        int at = PREFIX.length;
        String x = Compact.encode(Arrays.copyOfRange(encoded, at, at + 32));
        String y = Compact.encode(Arrays.copyOfRange(encoded, at + 32, at + 64));
        // RFC 7638 §3.3: the required members, in lexicographic order, without white space.
        String canonical =
                "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" + x + "\",\"y\":\"" + y + "\"}";
        byte[] digest = Hashes.sha256().digest(canonical.getBytes(StandardCharsets.US_ASCII));
        return new Jwk(x, y, Compact.encode(digest), key);
    }

    /** Its public members; the object is begun and ended by the caller. */
    void write(JsonGenerator out) throws IOException {
        out.writeStringField("kty", "EC");
        out.writeStringField("crv", "P-256");
        out.writeStringField("x", x);
        out.writeStringField("y", y);
    }

    byte[] json() {
        return Json.bytes(out -> {
            out.writeStartObject();
            write(out);
            out.writeEndObject();
        });
    }

    private static boolean onCurve(byte[] xBytes, byte[] yBytes) {
        BigInteger x = new BigInteger(1, xBytes);
        BigInteger y = new BigInteger(1, yBytes);
        if (x.compareTo(P) >= 0 || y.compareTo(P) >= 0) {
            return false;
        }
        BigInteger right = x.pow(3).subtract(THREE.multiply(x)).add(B).mod(P);
        return y.multiply(y).mod(P).equals(right);
    }

    /** The keys of a published set, each under its thumbprint. */
    static AtlasTokens.Keys set(String jwks) {
        Map<String, PublicKey> keys = new HashMap<>();
        try {
            JsonObject set = JsonObject.parse(jwks.getBytes(StandardCharsets.UTF_8));
            for (JsonObject one : set.objects("keys")) {
                Jwk jwk = parse(one);
                if (!jwk.thumbprint().equals(one.text("kid"))) {
                    throw new IllegalArgumentException("a key id that is not the key's thumbprint");
                }
                keys.put(jwk.thumbprint(), jwk.key());
            }
        } catch (TokenFault e) {
            throw new IllegalArgumentException("not a set of token keys: " + e.reason(), e);
        }
        Map<String, PublicKey> known = Map.copyOf(keys);
        return id -> Optional.ofNullable(known.get(id));
    }
}
