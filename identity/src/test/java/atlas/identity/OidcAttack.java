package atlas.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An attack on tokens, from a file whose name is the claim: what it changes in a token that would
 * be accepted, who signs that, and the reason it must be refused for.
 *
 * @param as what it is passed off as: {@code access-token}, {@code id-token} or {@code
 *     logout-token}
 */
public record OidcAttack(String name, String as, String reason, Map<String, Object> spec) {
    private static final ECKey STRANGER = ec("ec-1");
    private static final RSAKey STRANGER_RSA = rsa("rsa-1");

    /** The issuer's own keys, with the ids {@code ec-1} and {@code rsa-1}. */
    @SuppressWarnings("exports")
    public record Keys(ECKey ec, RSAKey rsa) {
        public static Keys fresh() {
            return new Keys(OidcAttack.ec("ec-1"), OidcAttack.rsa("rsa-1"));
        }
    }

    /** Every attack, by name. */
    public static List<OidcAttack> all() {
        try {
            URI folder =
                    Objects.requireNonNull(OidcAttack.class.getResource("/identity/attacks/oidc"))
                            .toURI();
            List<OidcAttack> attacks = new ArrayList<>();
            try (Stream<Path> files = Files.list(Path.of(folder))) {
                for (Path file : files.sorted().toList()) {
                    Map<String, Object> spec = JSONObjectUtils.parse(Files.readString(file));
                    attacks.add(
                            new OidcAttack(
                                    file.getFileName().toString().replace(".json", ""),
                                    String.valueOf(spec.get("as")),
                                    String.valueOf(spec.get("reason")),
                                    spec));
                }
            }
            return attacks;
        } catch (IOException | ParseException | URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** The token, made from the claims of one that would be accepted at that moment. */
    public String token(Map<String, Object> good, Keys issuer, Instant now) {
        try {
            Map<String, Object> header = new HashMap<>(Map.of("alg", "ES256", "kid", "ec-1"));
            change(header, JSONObjectUtils.getJSONObject(spec, "header"), now);
            Map<String, Object> claims = new HashMap<>(good);
            change(claims, JSONObjectUtils.getJSONObject(spec, "claims"), now);
            if (header.get("jwk") instanceof String) {
                header.put("jwk", STRANGER_RSA.toPublicJWK().toJSONObject());
            }
            String input = part(header) + "." + part(claims);
            return input + "." + signature(header, input, issuer);
        } catch (JOSEException | ParseException e) {
            throw new AssertionError(name, e);
        }
    }

    private static String part(Map<String, Object> members) {
        return Base64URL.encode(JSONObjectUtils.toJSONString(members)).toString();
    }

    private static void change(
            Map<String, Object> members, @Nullable Map<String, Object> changes, Instant now) {
        if (changes == null) {
            return;
        }
        changes.forEach((member, value) -> {
            if (value == null) {
                members.remove(member);
            } else if (value instanceof String text && text.matches("now[+-][0-9]+s")) {
                long seconds = Long.parseLong(text.substring(3, text.length() - 1));
                members.put(member, now.getEpochSecond() + seconds);
            } else {
                members.put(member, value);
            }
        });
    }

    private String signature(Map<String, Object> header, String input, Keys issuer)
            throws JOSEException, ParseException {
        byte[] bytes = input.getBytes(StandardCharsets.US_ASCII);
        boolean rsa = String.valueOf(header.get("alg")).startsWith("RS");
        return switch (String.valueOf(spec.getOrDefault("signed-by", "issuer"))) {
            case "nobody" -> "";
            case "zeros" -> Base64URL.encode(new byte[64]).toString();
            case "public-key-as-secret" ->
                    new MACSigner(issuer.rsa().toRSAPublicKey().getEncoded())
                            .sign(JWSHeader.parse(header), bytes)
                            .toString();
            case "stranger" -> sign(header, bytes, rsa ? STRANGER_RSA : STRANGER);
            case "issuer" -> sign(header, bytes, rsa ? issuer.rsa() : issuer.ec());
            default -> throw new AssertionError("`signed-by` is not known in " + name);
        };
    }

    private static String sign(Map<String, Object> header, byte[] input, JWK key)
            throws JOSEException, ParseException {
        var signer =
                key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner((ECKey) key);
        Map<String, Object> plain = Map.of("alg", String.valueOf(header.get("alg")));
        return signer.sign(JWSHeader.parse(plain), input).toString();
    }

    private static ECKey ec(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static RSAKey rsa(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
