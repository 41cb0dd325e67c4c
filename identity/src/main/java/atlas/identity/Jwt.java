package atlas.identity;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A signed token, read strictly and not yet believed. */
record Jwt(
        JWSHeader header,
        JWTClaimsSet claims,
        byte[] signingInput,
        Base64URL signature,
        String issuer,
        Instant expires) {
    private static final int MAX_KEY_ID = 256;

    /**
     * Reads a compact JWS: three non-empty base64url parts, of which two are JSON objects without
     * duplicate names.
     */
    static Jwt parse(String text) throws JwtException {
        int first = text.indexOf('.');
        int second = text.indexOf('.', first + 1);
        if (first < 1
                || second < first + 2
                || second == text.length() - 1
                || text.indexOf('.', second + 1) >= 0) {
            throw new JwtException("token_malformed");
        }
        String head = json(text.substring(0, first));
        String body = json(text.substring(first + 1, second));
        decode(text.substring(second + 1));
        try {
            JWSHeader header = JWSHeader.parse(head, new Base64URL(text.substring(0, first)));
            JWTClaimsSet claims = JWTClaimsSet.parse(body);
            if (claims.getIssuer() == null) {
                throw new JwtException("token_issuer_missing");
            }
            Date expires = claims.getExpirationTime();
            if (expires == null) {
                throw new JwtException("token_expiry_missing");
            }
            return new Jwt(
                    header,
                    claims,
                    text.substring(0, second).getBytes(StandardCharsets.US_ASCII),
                    new Base64URL(text.substring(second + 1)),
                    claims.getIssuer(),
                    expires.toInstant());
        } catch (ParseException | IllegalArgumentException e) {
            // Also what "alg": "none" and an encrypted token's header end as.
            throw new JwtException("token_malformed");
        }
    }

    /**
     * When it was issued as far as it says, else since when it holds; the epoch if it is silent.
     */
    Instant issued() {
        Date when =
                claims.getIssueTime() != null ? claims.getIssueTime() : claims.getNotBeforeTime();
        return when == null ? Instant.EPOCH : when.toInstant();
    }

    /** The algorithm, when it is one of those allowed and the header asks for nothing special. */
    String algorithm(Set<String> allowed) throws JwtException {
        String name = header.getAlgorithm().getName();
        if (!allowed.contains(name)) {
            throw new JwtException("token_algorithm");
        }
        if (header.getCriticalParams() != null || !header.isBase64URLEncodePayload()) {
            throw new JwtException("token_critical_header");
        }
        return name;
    }

    @Nullable String keyId() throws JwtException {
        String id = header.getKeyID();
        if (id != null && (id.isEmpty() || id.length() > MAX_KEY_ID)) {
            throw new JwtException("token_key_id");
        }
        return id;
    }

    private static String json(String part) throws JwtException {
        byte[] bytes = decode(part);
        try (JsonParser in = Json.factory().createParser(bytes)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new JwtException("token_malformed");
            }
            in.skipChildren();
            if (in.nextToken() != null) {
                throw new JwtException("token_malformed");
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (IOException e) {
            throw new JwtException("token_malformed");
        }
    }

    private static byte[] decode(String part) throws JwtException {
        if (part.indexOf('=') >= 0) {
            throw new JwtException("token_malformed");
        }
        try {
            return Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            throw new JwtException("token_malformed");
        }
    }

    @Override
    public String toString() {
        return "Jwt[" + issuer + "]";
    }
}
