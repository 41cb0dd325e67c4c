package atlas.identity.token;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A JWS in compact form (RFC 7515 §7.1), read strictly and not yet believed: three base64url parts
 * without padding, of which two are JSON objects.
 *
 * @param signed what the signature is over
 */
record Compact(JsonObject header, JsonObject payload, String signed, byte[] signature) {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    static Compact parse(String text) throws TokenFault {
        int first = text.indexOf('.');
        int second = text.indexOf('.', first + 1);
        if (first < 1 || second < first + 2 || text.indexOf('.', second + 1) >= 0) {
            throw new TokenFault("token_malformed");
        }
        JsonObject header = JsonObject.parse(decode(text.substring(0, first)));
        JsonObject payload = JsonObject.parse(decode(text.substring(first + 1, second)));
        byte[] signature = decode(text.substring(second + 1));
        return new Compact(header, payload, text.substring(0, second), signature);
    }

    /** What the payload names as its issuer; empty when that cannot be read. */
    static String issuer(String text) {
        int first = text.indexOf('.');
        int second = text.indexOf('.', first + 1);
        if (first < 1 || second < first + 2) {
            return "";
        }
        try {
            return JsonObject.parse(decode(text.substring(first + 1, second))).text("iss");
        } catch (TokenFault e) {
            return "";
        }
    }

    /** Header and payload ready to be signed. */
    static String toSign(byte[] header, byte[] payload) {
        return encode(header) + "." + encode(payload);
    }

    static String encode(byte[] bytes) {
        return ENCODER.encodeToString(bytes);
    }

    static byte[] decode(String part) throws TokenFault {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            // One text for one value: no padding, no loose bits at the end.
            if (!encode(bytes).equals(part)) {
                throw new TokenFault("token_malformed");
            }
            return bytes;
        } catch (IllegalArgumentException e) {
            throw new TokenFault("token_malformed");
        }
    }

    /** The header asks for the algorithm and the type that are expected, and for nothing else. */
    void require(String type) throws TokenFault {
        if (!header.text("alg").equals(EcSignatures.ALGORITHM)) {
            throw new TokenFault("token_algorithm");
        }
        String typ = header.optionalText("typ").toLowerCase(java.util.Locale.ROOT);
        if (!typ.equals(type) && !typ.equals("application/" + type)) {
            throw new TokenFault("token_type");
        }
        if (header.has("crit") || header.has("b64")) {
            throw new TokenFault("token_critical_header");
        }
    }

    byte[] signedBytes() {
        return signed.getBytes(StandardCharsets.US_ASCII);
    }
}
